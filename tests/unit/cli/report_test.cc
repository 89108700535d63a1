// What went wrong, for people and for programs; and the exit code of each kind.
#include "cli/output/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "cli/output/exit_codes.h"

namespace kilonova::cli {
namespace {

TEST(ReportTest, OneLineWithOnePrefix) {
  EXPECT_EQ(error_line({}, {ErrorCode::kNotFound, "server 'x'\nnot found"}), "kilonova: server 'x' not found\n");
  EXPECT_EQ(error_line({}, {ErrorCode::kInvalidArgument, "what"}, "see kilonova --help"),
            "kilonova: what; see kilonova --help\n");
}

TEST(ReportTest, AnObjectALineUnderJson) {
  std::string line = error_line({.format = Format::kJson}, {ErrorCode::kNotFound, "server 'x' not found"}, "look");
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["error"]["code"], "not_found");
  EXPECT_EQ(json["error"]["message"], "server 'x' not found");
  EXPECT_EQ(json["error"]["exit_code"], 4);
  EXPECT_EQ(json["error"]["hint"], "look");
}

TEST(ExitCodesTest, EachKindHasItsOwn) {
  std::set<int> codes{kDone, kBadResult, kNotChecked};
  std::set<std::string> names;
  for (const ExitCode& one : exit_codes()) {
    EXPECT_TRUE(codes.insert(one.code).second) << one.code;
    EXPECT_TRUE(names.insert(error_name(one.error)).second);
    EXPECT_EQ(exit_code_of(one.error), one.code);
    EXPECT_FALSE(one.meaning.empty());
    EXPECT_LT(one.code, 125);
  }
  EXPECT_EQ(exit_codes().size(), static_cast<size_t>(ErrorCode::kInternal) + 1);
  EXPECT_EQ(exit_code_of(ErrorCode::kInvalidArgument), kWrongUse);
}

}  // namespace
}  // namespace kilonova::cli
