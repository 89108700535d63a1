#include "api-server/front/openstack/schema.h"

#include <gtest/gtest.h>

#include <string>

namespace kilonova::api::openstack {
namespace {

std::string refusal(const Rule& rule, const char* body, Minor minor = 1) {
  auto wrong = check_schema(rule, *parse_json(body), minor);
  EXPECT_TRUE(!wrong || wrong->status == 400);
  return wrong ? wrong->message : "";
}

const Rule& server() {
  static const Rule rule = body_of("server", object({{"name", name(), true},
                                                     {"count", integer(1, 10)},
                                                     {"flag", boolean()},
                                                     {"kind", one_of({"a", "b"})},
                                                     {"id", null_or(uuid())},
                                                     {"tags", list_of(text(1, 3), 0, 2), false, 26},
                                                     {"old", anything(), false, 1, 36}}));
  return rule;
}

// The words are those of Nova's validator (jsonschema), as it was recorded.
TEST(Schema, SaysWhatIsWrongInNovasWords) {
  EXPECT_EQ(refusal(server(), "null"), "None is not of type 'object'");
  EXPECT_EQ(refusal(server(), "[]"), "[] is not of type 'object'");
  EXPECT_EQ(refusal(server(), "{}"), "'server' is a required property");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": "a"}, "x": 1})"),
            "Additional properties are not allowed ('x' was unexpected)");
  EXPECT_EQ(refusal(server(), R"({"server": {"count": 1}})"),
            "Invalid input for field/attribute server. Value: {'count': 1}. 'name' is a required property");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": "a", "bogus": 1}})"),
            "Invalid input for field/attribute server. Value: {'name': 'a', 'bogus': 1}. Additional properties are not "
            "allowed ('bogus' was unexpected)");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": ""}})"),
            "Invalid input for field/attribute name. Value: . '' is too short");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": 5}})"),
            "Invalid input for field/attribute name. Value: 5. 5 is not of type 'string'");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": " a"}})"),
            "An invalid 'name' value was provided. The name must be: printable characters. Can not start or end with "
            "whitespace.");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": "a", "count": 0}})"),
            "Invalid input for field/attribute count. Value: 0. 0 is less than the minimum of 1");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": "a", "count": "11"}})"),
            "Invalid input for field/attribute count. Value: 11. 11 is greater than the maximum of 10");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": "a", "count": 1.5}})"),
            "Invalid input for field/attribute count. Value: 1.5. 1.5 is not of type 'integer', 'string'");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": "a", "kind": "c"}})"),
            "Invalid input for field/attribute kind. Value: c. 'c' is not one of ['a', 'b']");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": "a", "id": "x"}})"),
            "Invalid input for field/attribute id. Value: x. 'x' is not a 'uuid'");
}

TEST(Schema, TakesWhatNovaTakes) {
  for (const char* good :
       {R"({"server": {"name": "a"}})", R"({"server": {"name": "a", "count": "3", "flag": "Yes", "id": null}})",
        R"({"server": {"name": "a", "flag": true, "id": "0F8D4A1B-6c1d-4d2e-8f3a-1b2c3d4e5f60", "old": {}}})"})
    EXPECT_EQ(refusal(server(), good), "") << good;
  EXPECT_NE(refusal(server(), R"({"server": {"name": "a", "flag": 1}})"), "");
}

TEST(Schema, AMicroversionHasItsOwnProperties) {
  const char* tags = R"({"server": {"name": "a", "tags": ["x"]}})";
  EXPECT_NE(refusal(server(), tags, 25), "");
  EXPECT_EQ(refusal(server(), tags, 26), "");
  EXPECT_NE(refusal(server(), R"({"server": {"name": "a", "tags": ["x", "y", "z"]}})", 26), "");
  EXPECT_NE(refusal(server(), R"({"server": {"name": "a", "tags": ["long"]}})", 26), "");
  EXPECT_EQ(refusal(server(), R"({"server": {"name": "a", "old": 1}})", 36), "");
  EXPECT_NE(refusal(server(), R"({"server": {"name": "a", "old": 1}})", 37), "");
}

TEST(Schema, NumbersBeyondAllBoundsAreRefused) {
  for (const char* big : {"99999999999999999999999", "-99999999999999999999999", "1e300", "18446744073709551615",
                          "\"99999999999999999999999\"", "\"-99999999999999999999999\""})
    EXPECT_NE(refusal(server(), (std::string(R"({"server": {"name": "a", "count": )") + big + "}}").c_str()), "")
        << big;
}

TEST(Schema, ValuesAreReadAsTheyWereTaken) {
  Json json = *parse_json(R"({"i": "7", "j": 8, "t": "on", "f": false})");
  EXPECT_EQ(integer_at(json, "i", 0), 7);
  EXPECT_EQ(integer_at(json, "j", 0), 8);
  EXPECT_EQ(integer_at(json, "absent", 9), 9);
  EXPECT_TRUE(boolean_at(json, "t", false));
  EXPECT_FALSE(boolean_at(json, "f", true));
  EXPECT_TRUE(boolean_at(json, "absent", true));
}

}  // namespace
}  // namespace kilonova::api::openstack
