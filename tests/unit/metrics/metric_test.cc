#include "metrics/metric.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace kilonova {
namespace {

// https://prometheus.io/docs/practices/naming and the rules of `promtool check metrics`.
TEST(Metrics, AreNamedByTheConventions) {
  const std::regex name("(kilonova|process)_[a-z][a-z_]*[a-z]"), labels("([a-z]+(,[a-z]+)*)?");
  std::set<std::string_view> names;
  for (const Metric* metric : all_metrics()) {
    const std::string text(metric->name), label_text(metric->labels);
    EXPECT_TRUE(std::regex_match(text, name)) << text;
    EXPECT_TRUE(std::regex_match(label_text, labels)) << text;
    EXPECT_EQ(metric->name.ends_with("_total"), metric->type == MetricType::kCounter) << text;
    EXPECT_FALSE(metric->help.empty() || metric->help.ends_with('.')) << text;
    EXPECT_TRUE(names.insert(metric->name).second) << text << " is there twice";
  }
}

// A label has few values: nothing that grows with a cloud's servers, hosts or clients.
TEST(Metrics, LabelsAreThoseThatAreBounded) {
  const std::set<std::string> bounded{"daemon", "effect", "result", "role", "service", "state", "status", "step"};
  for (const Metric* metric : all_metrics()) {
    std::string names(metric->labels);
    for (size_t begin = 0; begin < names.size();) {
      const size_t end = std::min(names.find(',', begin), names.size());
      EXPECT_TRUE(bounded.contains(names.substr(begin, end - begin))) << metric->name << ": " << names;
      begin = end + 1;
    }
  }
}

// The table of docs/metrics.md is this list. It says what stands there when it differs.
TEST(Metrics, AreInTheDocument) {
  const char* source = std::getenv("KILONOVA_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  std::ifstream file(std::string(source) + "/docs/metrics.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::string rows;
  for (const Metric* metric : all_metrics()) {
    std::string labels;
    for (char c : metric->labels) labels += c == ',' ? std::string("`, `") : std::string(1, c);
    rows += fmt::format("| `{}` | {} | {} | {} |\n", metric->name, to_string(metric->type),
                        labels.empty() ? "" : fmt::format("`{}`", labels), metric->help);
  }
  constexpr std::string_view kHead = "| metric | type | labels | what |\n|---|---|---|---|\n";
  const size_t begin = text.find(kHead);
  ASSERT_NE(begin, std::string::npos) << "docs/metrics.md has no table of the metrics";
  const size_t end = text.find("\n\n", begin);
  EXPECT_EQ(text.substr(begin + kHead.size(), end + 1 - begin - kHead.size()), rows);
}

}  // namespace
}  // namespace kilonova
