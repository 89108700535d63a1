// Python's values, its JSON, and what of netaddr and distutils Nova's filters use: by table, each row as Python 3.11
// says it.
#include <gtest/gtest.h>

#include <limits>

#include "scheduler/core/nova/ip_network.h"
#include "scheduler/core/nova/options.h"
#include "scheduler/core/nova/pci.h"
#include "scheduler/core/nova/version_predicate.h"
#include "scheduler/core/python_json.h"
#include "scheduler/core/python_object.h"
#include "scheduler/core/python_sort.h"
#include "scheduler/core/python_values.h"

namespace kilonova::scheduler {
namespace {

PythonValue loaded(std::string_view json) {
  PythonResult<PythonValue> value = python_json_loads(json);
  EXPECT_TRUE(value.has_value()) << json;
  return value.value_or(PythonValue());
}

TEST(PythonInt, TakesWhatIntTakes) {
  EXPECT_EQ(python_int(" 3 "), 3);
  EXPECT_EQ(python_int("+4"), 4);
  EXPECT_EQ(python_int("-1_0"), -10);
  EXPECT_EQ(python_int("007"), 7);
  EXPECT_EQ(python_int("99999999999999999999"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(python_int("-99999999999999999999"), std::numeric_limits<int64_t>::min());
  for (const char* text : {"", " ", "1.5", "0x10", "1__0", "_1", "1_", "- 1", "--1", "1e3"})
    EXPECT_FALSE(python_int(text).has_value()) << text;
}

TEST(PythonInt, TakesTheDigitsAndBlanksOfAllScripts) {
  EXPECT_EQ(python_int("\u0663"), 3);
  EXPECT_EQ(python_int("\u3000-\u0661_\uff12\u00a0"), -12);
  EXPECT_EQ(python_int("\U0001fbf9"), 9);
  EXPECT_EQ(python_float("\u0661.\u0965"), std::nullopt);  // a danda
  EXPECT_EQ(python_float("\u0661.\u0966e\u0662"), 100.0);
  for (const char* text : {"\u00b2", "\u2166",
                           "1\u3000"
                           "2",
                           "\xff", "\xd9", "3\xe3\x80"})
    EXPECT_FALSE(python_int(text)) << text;
  EXPECT_EQ(python_split("a\u2003b\u00a0 c"), (std::vector<std::string_view>{"a", "b", "c"}));
  EXPECT_EQ(python_strip("\u2028x\u0085"), "x");
}

TEST(PythonSort, SortsAsListSort) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  struct Row {
    std::vector<double> keys;
    std::vector<uint32_t> places;
  };
  for (const Row& row : {Row{{}, {}},
                         {{1}, {0}},
                         {{1, 2, 2, 3}, {3, 1, 2, 0}},
                         {{0, nan, nan, 0}, {0, 1, 2, 3}},
                         {{1, nan, 2}, {0, 1, 2}},
                         {{nan, 1, 2}, {0, 2, 1}},
                         {{1, 2, nan}, {1, 0, 2}},
                         {{3, nan, 1, 2, inf}, {1, 4, 0, 3, 2}}})
    EXPECT_EQ(python_sorted_reversed(row.keys), row.places);
}

TEST(PythonRepr, SaysNumbersAsPython) {
  struct Row {
    double value;
    const char* text;
  };
  for (const Row& row : {Row{4, "4.0"},
                         {0.1, "0.1"},
                         {1e15, "1000000000000000.0"},
                         {1e16, "1e+16"},
                         {1.5e-5, "1.5e-05"},
                         {0.0001, "0.0001"},
                         {-0.0, "-0.0"},
                         {1e100, "1e+100"},
                         {123456.75, "123456.75"},
                         {std::numeric_limits<double>::infinity(), "inf"}})
    EXPECT_EQ(python_repr(row.value), row.text);
}

TEST(PythonRepr, SaysContainersAsPython) {
  EXPECT_EQ(python_str(loaded(R"(["aes","a'b","c\n", 1, 2.0, true, null, {"k": []}])")),
            R"(['aes', "a'b", 'c\n', 1, 2.0, True, None, {'k': []}])");
  EXPECT_EQ(python_str(PythonValue("plain")), "plain");
}

TEST(PythonEqual, KnowsNoTypesOfNumbers) {
  struct Row {
    const char* a;
    const char* b;
    bool equal;
  };
  for (const Row& row : {Row{"1", "1.0", true},
                         {"true", "1", true},
                         {"false", "0.0", true},
                         {"1", "\"1\"", false},
                         {"null", "0", false},
                         {"[1, true]", "[1.0, 1]", true},
                         {"{\"a\": 1, \"b\": 2}", "{\"b\": 2, \"a\": 1}", true},
                         {"9007199254740993", "9007199254740992.0", false},
                         {"NaN", "NaN", false}})
    EXPECT_EQ(python_equal(loaded(row.a), loaded(row.b)), row.equal) << row.a << " " << row.b;
}

TEST(PythonCompare, RaisesWherePythonHasNoOrder) {
  auto less = [](const char* a, const char* b) { return python_compare(loaded(a), PythonOrder::kLess, loaded(b)); };
  EXPECT_EQ(less("1", "1.5"), true);
  EXPECT_EQ(less("false", "1"), true);
  EXPECT_EQ(less("\"abc\"", "\"abd\""), true);
  EXPECT_EQ(less("[1, 2]", "[1, 2, 0]"), true);
  EXPECT_EQ(less("9007199254740993", "9007199254740992.0"), false);
  EXPECT_EQ(less("1", "NaN"), false);
  EXPECT_EQ(less("\"2\"", "2").error(),
            (PythonError{"TypeError", "'<' not supported between instances of 'str' and 'int'"}));
  EXPECT_FALSE(less("[1]", "[\"1\"]").has_value());
  EXPECT_EQ(less("[1, 1]", "[2, \"x\"]"), true);
  EXPECT_FALSE(less("{}", "{}").has_value());
}

TEST(PythonJson, ReadsWhatPythonReads) {
  EXPECT_EQ(python_repr(loaded(R"({"b": 1, "a": 2, "b": 3})")), "{'b': 3, 'a': 2}");
  EXPECT_EQ(python_repr(loaded("[-0, -0.0, 1E2, 1e400, 99999999999999999999]")), "[0, -0.0, 100.0, inf, 1e+20]");
  EXPECT_EQ(python_repr(loaded(R"("\u00e9\ud83d\ude00\"\/")")), "'\xc3\xa9\xf0\x9f\x98\x80\"/'");
  EXPECT_EQ(python_json_loads("").error(),
            (PythonError{"JSONDecodeError", "Expecting value: line 1 column 1 (char 0)"}));
  EXPECT_EQ(python_json_loads("[1,\n 2 3]").error().message, "Expecting ',' delimiter: line 2 column 4 (char 7)");
  for (const char* text : {"01", "1.", ".5", "[1,]", "{\"a\"}", "{1: 2}", "\"\\x\"", "\"\\u12\"", "\"a\tb\"", "'a'",
                           "tru", "[1] 2", "\"a", "+1", "{\"a\":1,}"})
    EXPECT_FALSE(python_json_loads(text).has_value()) << text;
}

TEST(PythonJson, DeepTextIsRefusedAndNotFollowed) {
  EXPECT_TRUE(python_json_loads(std::string(400, '[') + std::string(400, ']')).has_value());
  EXPECT_FALSE(python_json_loads(std::string(1000000, '[')).has_value());
}

TEST(PythonJson, WritesWhatItRead) {
  for (const char* text :
       {R"({"a": [1, 2.5, "x\u00e9\n", true, null, {}]})", R"("\ud83d\ude00")", "1e+16", "[-Infinity]"})
    EXPECT_EQ(json_dumps(loaded(text)), text);
  EXPECT_EQ(json_dumps_compact(loaded(R"({"a": [1, 2.0]})")), R"({"a":[1,2.0]})");
}

TEST(IpNetworks, AreReadAsNetaddrReadsThem) {
  struct Row {
    const char* network;
    const char* address;
    bool contains;
  };
  for (const Row& row : {Row{"10.0.0.7/24", "10.0.0.1", true},
                         {"10.0.0.7/24", "10.0.1.1", false},
                         {"10.0.0.7", "10.0.0.7", true},
                         {"10.0.0.7", "10.0.0.6", false},
                         {"10.1/16", "10.1.9.9", true},
                         {"10/8", "10.9.9.9", true},
                         {"10.0.0.7/255.255.0.0", "10.0.9.9", true},
                         {"10.0.0.7/0.0.255.255", "10.0.9.9", true},
                         {"10.0.0.7/0", "1.2.3.4", true},
                         {"010.0.0.7/8", "10.1.1.1", true},
                         {"fd00::1/64", "fd00::2", true},
                         {"fd00::1/64", "fd00:0:0:1::2", false},
                         {"::ffff:10.0.0.1/128", "::ffff:a00:1", true},
                         {"fd00::/ffff::", "fd00:1::", true},
                         {"0.0.0.0/0", "::1", false}}) {
    auto network = nova::IpNetwork::parse(row.network);
    auto address = nova::IpAddress::parse(row.address);
    ASSERT_TRUE(network && address) << row.network << " " << row.address;
    EXPECT_EQ(network->contains(*address), row.contains) << row.network << " " << row.address;
  }
  for (const char* text : {"", "x", "10.0.0.724", "10.0.0.256", "1.2.3.4.5", "10.0.0.7/33", "10.0.0.7/-1", "10.0.0.7/x",
                           "10.0.0.7/255.0.255.0", "fd00::1/129", "fd00:::1", "fd00::1::2", "1:2:3:4:5:6:7",
                           "fd00::12345", "10.0.0.7/24/24"})
    EXPECT_FALSE(nova::IpNetwork::parse(text).has_value()) << text;
}

TEST(VersionPredicates, CompareAsDistutils) {
  struct Row {
    const char* conditions;
    const char* version;
    bool met;
  };
  for (const Row& row : {Row{">=6.0", "6.2.0", true},
                         {">= 6.0 , < 7.2", "7.2.0", false},
                         {"==6.2", "6.2.0", true},
                         {"!=6.2.1", "6.2.0", true},
                         {">6.2b1", "6.2.0", true},
                         {"<6.2a2", "6.2.0", false}}) {
    auto predicate = nova::VersionPredicate::parse(row.conditions);
    ASSERT_TRUE(predicate.has_value()) << row.conditions;
    EXPECT_EQ(predicate->satisfied_by(row.version), row.met) << row.conditions;
  }
  for (const char* text : {"", "6.0", ">=", ">=6", ">=6.0.0.0", ">=6.0c1", "=6.0", ">=6.0,", "~=6.0", ">=6.0 7.0"})
    EXPECT_FALSE(nova::VersionPredicate::parse(text).has_value()) << text;
  EXPECT_EQ(nova::VersionPredicate::parse(">=6.0")->satisfied_by("640").error(),
            (PythonError{"ValueError", "invalid version number '640'"}));
  EXPECT_EQ(nova::version_text(6002001), "6.2.1");
  EXPECT_EQ(nova::version_text(7000000), "7.0.0");
  EXPECT_EQ(nova::version_text(640), "640");
}

TEST(PciPools, AreTakenFromThoseWithFewKeysFirst) {
  auto pool = [](int64_t count, std::string_view net) {
    nova::PciPool made{.count = count, .keys = {}};
    made.keys.set("vendor_id", "8086");
    if (!net.empty()) made.keys.set("net", net);
    return made;
  };
  auto request = [](int64_t count, std::string_view key, std::string_view value) {
    PythonDict spec;
    spec.set(std::string(key), value);
    return nova::PciRequest{.count = count, .specs = {spec}};
  };
  const nova::PciStats stats({pool(1, "A"), pool(1, "")});
  const std::vector<nova::PciRequest> both = {request(1, "vendor_id", "8086"), request(1, "net", "a")};
  const std::vector<nova::PciRequest> too_many = {request(2, "vendor_id", "8086"), request(1, "net", "a")};
  EXPECT_TRUE(stats.support_requests(both));
  EXPECT_FALSE(stats.support_requests(too_many));
  nova::PciStats left = stats;
  EXPECT_TRUE(left.apply_requests(both));
  EXPECT_EQ(left.devices(), 0);
  EXPECT_EQ(stats.devices(), 2);
}

TEST(MetricsSetting, LeavesOutWhatIsNone) {
  using Setting = std::vector<std::pair<std::string, double>>;
  EXPECT_EQ(nova::parse_weight_setting({"a=1", "b", "=2", "c=", "d= 1e1 ", "e=f=1", "a=-0.5"}),
            (Setting{{"a", 1}, {"d", 10}, {"a", -0.5}}));
}

}  // namespace
}  // namespace kilonova::scheduler
