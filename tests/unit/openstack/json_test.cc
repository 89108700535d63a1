#include "api-server/front/openstack/json.h"

#include <gtest/gtest.h>

#include <string>

namespace kilonova::api::openstack {
namespace {

std::string nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') + std::string(static_cast<size_t>(depth), ']');
}

TEST(ParseJson, TakesWhatIsJson) {
  EXPECT_EQ(*parse_json(R"({"a": [1, 2.5, "x", null, true]})"), (Json{{"a", {1, 2.5, "x", nullptr, true}}}));
  EXPECT_EQ(*parse_json(R"({"a": 1, "a": 2})"), (Json{{"a", 2}})) << "the last one counts";
  EXPECT_TRUE(parse_json("\"text\""));
  EXPECT_TRUE(parse_json(nested(kMaxJsonDepth)));
}

TEST(ParseJson, RefusesWhatIsNone) {
  for (std::string_view bad : {"", "{", "{'a': 1}", "{\"a\": 1}}", "nul", "[1,]", "\"\xff\"", "\"\xc0\xaf\"",
                               "\"\xed\xa0\x80\"", "[1] x", "\"\\ud800\""})
    EXPECT_FALSE(parse_json(bad)) << bad;
}

TEST(ParseJson, RefusesWhatIsNestedTooDeeply) {
  EXPECT_FALSE(parse_json(nested(kMaxJsonDepth + 1)));
  EXPECT_FALSE(parse_json(nested(50'000)));
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
  std::string objects;
  for (int i = 0; i < 20'000; ++i) objects += "{\"a\":";
  EXPECT_FALSE(parse_json(objects));
}

TEST(ParseJson, RefusesObjectsOfTooManyMembers) {
  auto object = [](size_t members) {
    std::string text = "{";
    for (size_t i = 0; i < members; ++i) text += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":{}";
    return text + "}";
  };
  EXPECT_TRUE(parse_json(object(kMaxJsonMembers)));
  EXPECT_FALSE(parse_json(object(kMaxJsonMembers + 1)));
  EXPECT_TRUE(parse_json("[" + object(kMaxJsonMembers) + "," + object(kMaxJsonMembers) + "]"));
  EXPECT_FALSE(parse_json("[{}," + object(10'000) + "]"));
}

TEST(Members, AreAppendedWithoutLooking) {
  Json object = Json::object();
  append_member(object, "a", 1);
  append_member(object, "b", {{"c", 2}});
  EXPECT_EQ(object, (Json{{"a", 1}, {"b", {{"c", 2}}}}));
}

TEST(PythonRepr, IsPythons) {
  EXPECT_EQ(python_repr(*parse_json(R"({"a": [1, "it's", null, true, {}], "b": "x\ny"})")),
            R"({'a': [1, "it's", None, True, {}], 'b': 'x\ny'})");
  EXPECT_LT(python_repr(Json(std::string(100'000, 'x'))).size(), 2'000u);
}

TEST(Members, OfWhatIsNoObjectAreNone) {
  for (const char* text : {"null", "1", "[]", "\"a\"", "{}"}) {
    Json json = *parse_json(text);
    EXPECT_EQ(member(json, "a"), nullptr) << text;
    EXPECT_EQ(text_at(json, "a"), "") << text;
    EXPECT_EQ(member_at(json, {"a", "b"}), nullptr) << text;
  }
  Json json{{"a", {{"b", "c"}}}};
  EXPECT_EQ(*member_at(json, {"a", "b"}), "c");
  EXPECT_EQ(text_at(json, "a"), "") << "it is no text";
}

TEST(ToText, NeverThrows) { EXPECT_EQ(to_text(Json("a\xff")), "\"a\xef\xbf\xbd\""); }

}  // namespace
}  // namespace kilonova::api::openstack
