// JSON of clients, read so that nothing that they send can throw, and written in the order in which it was said.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kilonova::api::openstack {

using Json = nlohmann::ordered_json;

// Deeper than any request of OpenStack, and far from what recursion could not bear.
inline constexpr int kMaxJsonDepth = 64;

// An object keeps its order and looks through all of its members for each: with tens of thousands one would hold up the
// loop. No request of OpenStack has so many.
inline constexpr size_t kMaxJsonMembers = 512;

// Nothing for what is no JSON, no UTF-8, nested more deeply or with larger objects than that. Of a key that stands
// twice the last counts.
std::optional<Json> parse_json(std::string_view text);

// Broken UTF-8 of a stored text is shown as U+FFFD.
std::string to_text(const Json& json);

// As Python prints the value, in which OpenStack's services complain of it: True, None, 'text', {'a': 1}. Long values
// are cut.
std::string python_repr(const Json& json);

// The member of an object; nullptr where there is none, or no object.
const Json* member(const Json& json, std::string_view key);
// Its text, "" for anything else.
std::string text_at(const Json& json, std::string_view key);
// The text, null for "".
Json or_null(std::string_view text);
// {key: value}, of a key that is not known beforehand.
Json object_of(std::string_view key, Json value);
// Puts a member that the object has not, without looking: for objects with many.
void append_member(Json& object, const std::string& key, Json value);
// Members of members: nullptr as soon as one is missing.
const Json* member_at(const Json& json, std::initializer_list<std::string_view> path);

}  // namespace kilonova::api::openstack
