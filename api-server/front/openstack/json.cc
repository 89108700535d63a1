#include "api-server/front/openstack/json.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace kilonova::api::openstack {
namespace {

constexpr size_t kLongestRepr = 1024;

void append_text(const std::string& text, std::string& out) {
  char quote = text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
  out += quote;
  for (char c : text) {
    if (c == quote || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  out += quote;
}

void append_repr(const Json& json, std::string& out) {
  if (out.size() > kLongestRepr) return;
  if (json.is_null()) {
    out += "None";
  } else if (json.is_boolean()) {
    out += json == true ? "True" : "False";
  } else if (json.is_string()) {
    append_text(json.get_ref<const std::string&>(), out);
  } else if (json.is_array()) {
    out += '[';
    for (size_t i = 0; i < json.size(); ++i) {
      if (i > 0) out += ", ";
      append_repr(json[i], out);
    }
    out += ']';
  } else if (json.is_object()) {
    out += '{';
    bool first = true;
    for (const auto& [key, value] : json.items()) {
      if (!std::exchange(first, false)) out += ", ";
      append_text(key, out);
      out += ": ";
      append_repr(value, out);
    }
    out += '}';
  } else {
    out += json.dump();  // a number
  }
}

}  // namespace

std::optional<Json> parse_json(std::string_view text) {
  bool too_much = false;
  std::array<size_t, kMaxJsonDepth + 1> members{};  // of the object that is open at each depth
  auto watch = [&](int depth, Json::parse_event_t event, Json&) {
    using enum Json::parse_event_t;
    bool begins = event == object_start || event == array_start;
    if (begins && depth >= kMaxJsonDepth) too_much = true;
    if (too_much) return false;
    if (event == object_start) members.at(static_cast<size_t>(depth) + 1) = 0;
    if (event == key && ++members.at(static_cast<size_t>(depth)) > kMaxJsonMembers) too_much = true;
    return !too_much;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, false);
  if (json.is_discarded() || too_much) return std::nullopt;
  return json;
}

std::string to_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string python_repr(const Json& json) {
  std::string out;
  append_repr(json, out);
  if (out.size() > kLongestRepr) out = out.substr(0, kLongestRepr) + "...";
  return out;
}

const Json* member(const Json& json, std::string_view key) {
  if (!json.is_object()) return nullptr;
  auto it = json.find(std::string(key));
  return it == json.end() ? nullptr : &*it;
}

std::string text_at(const Json& json, std::string_view key) {
  const Json* found = member(json, key);
  return found != nullptr && found->is_string() ? found->get_ref<const std::string&>() : std::string();
}

Json or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json object_of(std::string_view key, Json value) {
  Json object = Json::object();
  append_member(object, std::string(key), std::move(value));
  return object;
}

void append_member(Json& object, const std::string& key, Json value) {
  object.get_ref<Json::object_t&>().push_back({key, std::move(value)});
}

const Json* member_at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* at = &json;
  for (std::string_view key : path) {
    at = member(*at, key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace kilonova::api::openstack
