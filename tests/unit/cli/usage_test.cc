// The command line as it was typed: what is wrong with it, in its own words.
#include "cli/usage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "cli/cli.h"

namespace kilonova::cli {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

class UsageTest : public testing::Test {
 protected:
  UsageTest() : app_("test", "kilonova") { add_commands(app_, globals_); }

  std::string wrong(const Words& words) {
    try {
      app_.parse(Words(words.rbegin(), words.rend()));
    } catch (const CLI::ParseError& error) {
      return usage_message(app_, error);
    }
    return {};
  }

  Globals globals_;
  CLI::App app_;
};

TEST_F(UsageTest, WordsAreRepeatedInTheirOrder) {
  EXPECT_EQ(wrong({"down-there"}), "unknown command 'down-there'");
  EXPECT_EQ(wrong({"server", "show", "a", "b", "c"}), "unexpected arguments 'b' 'c'");
  EXPECT_EQ(wrong({"flavor", "list", "one"}), "unexpected argument 'one'");
}

TEST_F(UsageTest, WhatWasMeantIsSuggested) {
  EXPECT_EQ(wrong({"srever", "list"}), "unknown command 'srever'; did you mean server?");
  EXPECT_EQ(wrong({"server", "lst"}), "unknown command 'lst'; did you mean list?");
  EXPECT_EQ(wrong({"server", "list", "--all-project"}), "unknown option '--all-project'; did you mean --all-projects?");
  EXPECT_EQ(wrong({"server", "list", "--xyz=3"}), "unknown option '--xyz=3'");
}

TEST_F(UsageTest, AnOptionBeforeItsCommandIsSaidToGoBehindIt) {
  EXPECT_EQ(wrong({"wait", "--timeout", "1s", "server", "a", "gone"}), "'--timeout' goes behind 'wait server'");
  EXPECT_EQ(wrong({"server", "--status=active", "list"}), "'--status' goes behind 'server list'");
}

TEST_F(UsageTest, ValuesAndOptionsAreNamed) {
  EXPECT_EQ(wrong({"server", "create", "--flavor", "f", "--image", "i", "--count", "many", "x"}),
            "--count 'many' is not a whole number of at least 0");
  EXPECT_EQ(wrong({"server", "list", "--name"}), "--name needs a value");
  EXPECT_THAT(wrong({"server", "list", "--json", "-f", "csv"}), HasSubstr("--json"));
  EXPECT_THAT(wrong({"server", "list", "-f", "xml"}), HasSubstr("xml"));
  EXPECT_THAT(wrong({"flavor", "create", "--ram", "4X", "f"}), HasSubstr("'4X' is not a size"));
  EXPECT_THAT(wrong({"server", "delete", "--timeout", "soon", "x"}), HasSubstr("'soon' is not a duration"));
}

TEST_F(UsageTest, TextIsCheckedAtTheDoor) {
  auto said = [this](const Words& words) {
    auto checked = check_words(app_, words);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(said({"server", "create", "caf\u00e9"}), "");
  EXPECT_EQ(said({"server", "create", "caf\xe9"}), "argument 3, 'caf?', is not UTF-8 (byte 0xe9 at position 4)");
  EXPECT_EQ(said({"server", "create", "a\tb"}), "argument 3, 'a b', has a control character (0x09 at position 2)");
  setenv("OS_PASSWORD",
         "s\xe9"
         "cret",
         1);
  EXPECT_EQ(said({"server", "list"}), "what OS_PASSWORD says is not UTF-8 (byte 0xe9 at position 2)");
  unsetenv("OS_PASSWORD");
}

TEST(StyleForErrorsTest, IsKnownBeforeTheLineIs) {
  EXPECT_TRUE(style_for_errors({"--json", "srever"}).is_document());
  EXPECT_TRUE(style_for_errors({"srever", "-f", "json"}).is_document());
  EXPECT_TRUE(style_for_errors({"srever", "--format=yaml"}).is_document());
  EXPECT_FALSE(style_for_errors({"server", "create", "--", "--json"}).is_document());
  EXPECT_FALSE(style_for_errors({"server", "-f", "csv"}).is_document());
}

}  // namespace
}  // namespace kilonova::cli
