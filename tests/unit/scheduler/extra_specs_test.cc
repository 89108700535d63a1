// Python's words and numbers, the operators of extra specs, and the decision of AggregateInstanceExtraSpecsFilter: by
// table, the rows of Nova's own test among them (nova/tests/unit/scheduler/filters/test_extra_specs_ops.py).
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "scheduler/core/filters/aggregate_instance_extra_specs_filter.h"
#include "scheduler/core/nova/extra_specs_ops.h"
#include "scheduler/core/python_values.h"

namespace kilonova::scheduler {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(PythonFloat, TakesWhatFloatTakes) {
  struct Row {
    const char* text;
    double value;
  };
  for (const Row& row : {Row{"1", 1},
                         {" 3 ", 3},
                         {"\t-2.5\n", -2.5},
                         {"+4", 4},
                         {"1e1", 10},
                         {"1E-2", 0.01},
                         {"1_0", 10},
                         {"1_0.0_5e1_0", 10.05e10},
                         {".5", 0.5},
                         {"5.", 5},
                         {"007", 7},
                         {"0.1", 0.1},
                         {"9007199254740993", 9007199254740992.0},
                         {"1e400", kInfinity},
                         {"-1e400", -kInfinity},
                         {"0.00001e400", kInfinity},
                         {"1e-400", 0},
                         {"1e99999999999999999999", kInfinity},
                         {"0e99999999999999999999", 0},
                         {"5e-324", 5e-324},
                         {"inf", kInfinity},
                         {"-Infinity", -kInfinity},
                         {"INF", kInfinity}}) {
    auto value = python_float(row.text);
    ASSERT_TRUE(value.has_value()) << row.text;
    EXPECT_EQ(*value, row.value) << row.text;
  }
  EXPECT_TRUE(std::isnan(python_float("nan").value_or(0)));
  EXPECT_TRUE(std::signbit(python_float("-0").value_or(1)));
}

TEST(PythonFloat, RefusesWhatFloatRefuses) {
  for (const char* text : {"",   " ",  "x",   "0x10", "1,5", "1 2", "1__0",  "_1",     "1_", "1_.5",  "1._5", ".",
                           "e5", "1e", "1e+", "1e_5", "--1", "+-1", "infin", "nan(1)", "1f", "1e5.0", "- 1"})
    EXPECT_FALSE(python_float(text).has_value()) << text;
}

TEST(PythonText, SplitsAndStripsAtBlanks) {
  using Words = std::vector<std::string_view>;
  EXPECT_EQ(python_split("  a \t b\x1c"
                         "c\n"),
            (Words{"a", "b", "c"}));
  EXPECT_TRUE(python_split(" \r\n").empty());
  EXPECT_TRUE(python_split("").empty());
  EXPECT_EQ(python_strip("\v a b \f"), "a b");
}

struct Row {
  const char *value, *required;
  bool met;
};

TEST(ExtraSpecs, RowsOfNovasTest) {
  for (const Row& row : {Row{"1", "1", true},
                         {"", "1", false},
                         {"3", "1", false},
                         {"222", "2", false},
                         {"4", "> 2", false},
                         {"123", "= 123", true},
                         {"124", "= 123", true},
                         {"34", "= 234", false},
                         {"34", "=", false},
                         {"123", "s== 123", true},
                         {"1234", "s== 123", false},
                         {"1234", "s!= 123", true},
                         {"123", "s!= 123", false},
                         {"1000", "s>= 234", false},
                         {"1234", "s<= 1000", false},
                         {"2", "s< 12", false},
                         {"12", "s> 2", false},
                         {"12311321", "<in> 11", true},
                         {"12311321", "<in> 12311321", true},
                         {"12311321", "<in> 12311321 <in>", true},
                         {"12310321", "<in> 11", false},
                         {"12310321", "<in> 11 <in>", false},
                         {"12", "<or> 11 <or> 12", true},
                         {"12", "<or> 11 <or> 12 <or>", true},
                         {"13", "<or> 11 <or> 12", false},
                         {"13", "<or> 11 <or> 12 <or>", false},
                         {"2", "<= 10", true},
                         {"3", "<= 2", false},
                         {"3", ">= 1", true},
                         {"2", ">= 3", false},
                         {"['aes', 'mmx', 'aux']", "<all-in> aes mmx", true},
                         {"['aes', 'mmx', 'aux']", "<all-in> mmx", true},
                         {"['aes', 'mmx', 'aux']", "<all-in>  txt", false},
                         {"['aes', 'mmx', 'aux']", "<all-in> txt 3dnow", false},
                         {"['aes', 'mmx', 'aux']", "<all-in> txt aes", false}})
    EXPECT_EQ(extra_specs_match(row.value, row.required), PythonResult<bool>(row.met))
        << row.value << " " << row.required;
}

TEST(ExtraSpecs, TheRestOfTheOperators) {
  for (const Row& row : {Row{"1.0", "== 1", true},
                         {"1", "== 1.5", false},
                         {"1", "!= 1.0", false},
                         {"2", "!= 1", true},
                         {"nan", "== nan", false},
                         {"nan", "!= nan", true},
                         {"1e3", ">= 999", true},
                         {"2", "s<= 2", true},
                         {"10", "s< 2", true},
                         {"b", "s> a", true},
                         {"b", "s>= b", true},
                         {"b", "s< a", false},
                         {"x", "<all-in>", false},
                         {"x", "<in>", false},
                         {"x", "s==", false},
                         {"b", "<or> a b c", false},  // every second word is taken for `<or>`
                         {"c", "<or> a b c", true},
                         {"", "", true},
                         {" ", "", false},
                         {" a ", " a ", true},  // no operator: the whole text
                         {"a", " a ", false},
                         {"< 3", "< 3", true},  // no operator of Nova's
                         {"2", "< 3", false},
                         {"<range-in> [ 10 20 ]", "<range-in> [ 10 20 ]", true},
                         {"15", "<range-in> [ 10 20 ]", false},
                         {"=5", "=5", true},
                         {"5", "=5", false}})
    EXPECT_EQ(extra_specs_match(row.value, row.required), PythonResult<bool>(row.met))
        << row.value << " " << row.required;
}

TEST(ExtraSpecs, WhereNovaRaisesTheRequestFails) {
  for (const Row& row : {Row{"x", "= 1", false},
                         {"1", "= x", false},
                         {"", ">= 1", false},
                         {"1", "== 1,5", false},
                         {"1", "<or>", false}}) {
    auto result = extra_specs_match(row.value, row.required);
    ASSERT_FALSE(result.has_value()) << row.required;
    EXPECT_EQ(result.error().type, std::string_view(row.required) == "<or>" ? "IndexError" : "ValueError");
  }
  EXPECT_EQ(extra_specs_match("abc", "= 1").error().message, "could not convert string to float: 'abc'");
}

struct AggregateExtraSpecs : ::testing::Test {
  bool met(const std::vector<MetadataItem>& extra_specs) {
    auto result = aggregates_meet_extra_specs(host.aggregates, extra_specs);
    EXPECT_TRUE(result.has_value());
    return result.value_or(false);
  }
  Attributes host{.aggregates = {{.id = 1, .metadata = {{"ssd", "true"}, {"cpus", "4, 8"}}},
                                 {.id = 2, .metadata = {{"cpus", "16"}, {"empty", ""}}}}};
};

TEST_F(AggregateExtraSpecs, EveryKeyMustBeMetByAValueOfSomeAggregate) {
  EXPECT_TRUE(met({}));
  EXPECT_TRUE(met({{"ssd", "true"}}));
  EXPECT_TRUE(met({{"ssd", "true"}, {"cpus", "= 16"}}));
  EXPECT_TRUE(met({{"cpus", "8"}}));  // commas separate values, blanks around them do not count
  EXPECT_FALSE(met({{"cpus", "4, 8"}}));
  EXPECT_FALSE(met({{"cpus", "= 17"}}));
  EXPECT_FALSE(met({{"ssd", "true"}, {"gpu", "true"}}));
  EXPECT_TRUE(met({{"empty", ""}}));
  EXPECT_FALSE(met({{"SSD", "true"}}));
}

TEST_F(AggregateExtraSpecs, OnlyItsOwnScopeCounts) {
  EXPECT_TRUE(met({{"aggregate_instance_extra_specs:ssd", "true"}}));
  EXPECT_FALSE(met({{"aggregate_instance_extra_specs:ssd", "false"}}));
  EXPECT_TRUE(met({{"hw:cpu_policy", "dedicated"}, {"capabilities:x:y", "z"}}));
  host.aggregates[0].metadata["a:b"] = "c";
  EXPECT_TRUE(met({{"aggregate_instance_extra_specs:a:b", "c"}}));
}

TEST_F(AggregateExtraSpecs, TheFilterLeavesAHostOutWhereNovaRaises) {
  RequestSpec spec;
  spec.flavor.extra_specs = {{"ssd", "= 1"}};
  AggregateInstanceExtraSpecsFilter filter;
  EXPECT_FALSE(filter.passes(host, {spec, {}, {}, {}}));
  spec.flavor.extra_specs = {{"ssd", "true"}};
  EXPECT_TRUE(filter.passes(host, {spec, {}, {}, {}}));
}

TEST_F(AggregateExtraSpecs, AHostInNoAggregateMeetsNone) {
  host.aggregates.clear();
  EXPECT_TRUE(met({{"hw:cpu_policy", "dedicated"}}));
  EXPECT_FALSE(met({{"ssd", "true"}}));
}

TEST_F(AggregateExtraSpecs, AValueThatIsNoNumberFailsTheRequest) {
  EXPECT_FALSE(aggregates_meet_extra_specs(host.aggregates, std::vector<MetadataItem>{{"ssd", "= 1"}}).has_value());
  EXPECT_FALSE(aggregates_meet_extra_specs(host.aggregates, std::vector<MetadataItem>{{"cpus", "<or>"}}).has_value());
}

}  // namespace
}  // namespace kilonova::scheduler
