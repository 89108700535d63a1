#include "cli/output/yaml.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/ascii.h"

namespace kilonova::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

// A word that YAML 1.1 and 1.2 both read as the string that it is.
bool is_plain(const std::string& text) {
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  constexpr auto kWords =
      std::to_array<std::string_view>({"true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan"});
  if (text.empty() || !is_letter(text.front()) || std::ranges::find(kWords, to_lower(text)) != kWords.end())
    return false;
  return std::ranges::all_of(text, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
  });
}

std::string scalar(const Json& json) {
  if (json.is_string())
    return is_plain(json.get<std::string>()) ? json.get<std::string>() : quoted(json.get<std::string>());
  return json.dump();  // null, true, numbers, and [] and {}
}

bool is_block(const Json& json) { return json.is_structured() && !json.empty(); }

// The lines of a block; its first one begins where the caller stands, the others at `indent`.
void append(std::string& out, const Json& json, size_t indent) {
  bool first = true;
  auto begin_line = [&] {
    if (!first) out.append(indent, ' ');
    first = false;
  };
  auto append_value = [&](const Json& value, size_t deeper) {
    if (!is_block(value)) {
      out += " " + scalar(value) + "\n";
    } else if (value.is_array()) {
      out += "\n" + std::string(indent, ' ');
      append(out, value, indent);
    } else {
      out += "\n" + std::string(deeper, ' ');
      append(out, value, deeper);
    }
  };
  if (json.is_array()) {
    for (const Json& item : json) {
      begin_line();
      out += "- ";
      if (is_block(item))
        append(out, item, indent + 2);
      else
        out += scalar(item) + "\n";
    }
    return;
  }
  for (const auto& [key, value] : json.items()) {
    begin_line();
    out += (is_plain(key) ? key : quoted(key)) + ":";
    append_value(value, indent + 2);
  }
}

}  // namespace

std::string to_yaml(const Json& json) {
  if (!is_block(json)) return scalar(json) + "\n";
  std::string out;
  append(out, json, 0);
  return out;
}

}  // namespace kilonova::cli
