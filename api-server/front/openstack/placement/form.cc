#include "api-server/front/openstack/placement/form.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

constexpr double kLargestFloat = 3.40282e+38;  // placement/db/constants.py SQL_SP_FLOAT_MAX

Failure failure(const Json& value, const std::string& field, std::string message) {
  return {field, python_repr(value), std::move(message)};
}

Failure wrong_type(const Json& value, const std::string& field, std::string_view type) {
  return failure(value, field, fmt::format("{} is not of type '{}'", python_repr(value), type));
}

Rule word_of(bool (*is_word)(std::string_view), std::string pattern, size_t most) {
  return [=](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = text(1, most)(value, field, minor)) return wrong;
    if (is_word(value.get_ref<const std::string&>())) return std::nullopt;
    return failure(value, field, fmt::format("{} does not match '{}'", python_repr(value), pattern));
  };
}

// What a message says, and the keyword that says so.
struct Keyword {
  std::string_view words;
  std::string_view keyword;
  bool is_of_object = false;  // it stands in the schema of the object, not of the property
};
constexpr Keyword kKeywords[] = {{"is a required property", "required", true},
                                 {"Additional properties are not allowed", "additionalProperties", true},
                                 {"does not match any of the regexes", "additionalProperties", true},
                                 {"does not have enough properties", "minProperties"},
                                 {"has non-unique elements", "uniqueItems"},
                                 {"is less than the minimum", "minimum"},
                                 {"is greater than the maximum", "maximum"},
                                 {"is too short", "minLength"},
                                 {"is too long", "maxLength"},
                                 {"is not a 'uuid'", "format"},
                                 {"is not one of", "enum"},
                                 {"does not match", "pattern"},
                                 {"is not of type", "type"}};

}  // namespace

std::string validation_text(const Failure& failure) {
  for (const Keyword& known : kKeywords) {
    if (failure.message.find(known.words) == std::string::npos) continue;
    bool is_list = known.keyword == "minLength" && failure.message.starts_with('[');
    std::string where = known.is_of_object || failure.field.empty()
                            ? std::string()
                            : fmt::format("['properties']['{}']", failure.field);
    return fmt::format("{} Failed validating '{}' in schema{}", failure.message, is_list ? "minItems" : known.keyword,
                       where);
  }
  return failure.message;
}

bool is_upper_word(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_custom_name(std::string_view text) {
  constexpr std::string_view kPrefix = "CUSTOM_";
  return text.starts_with(kPrefix) && text.size() > kPrefix.size() && is_upper_word(text);
}

bool is_uuid_key(std::string_view text) {
  return text.size() == 36 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
         });
}

std::string uuid_text(std::string_view text) {
  std::optional<Uuid> uuid = parse_uuid(text);
  return uuid ? to_string(*uuid) : std::string();
}

Rule whole(int64_t least, int64_t most) {
  return [=](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    if (!value.is_number_integer()) return wrong_type(value, field, "integer");
    // What fits no int64 is beyond all bounds.
    bool is_huge = value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
    int64_t number = is_huge ? INT64_MAX : value.get<int64_t>();
    if (number < least)
      return failure(value, field, fmt::format("{} is less than the minimum of {}", python_repr(value), least));
    if (number > most)
      return failure(value, field, fmt::format("{} is greater than the maximum of {}", python_repr(value), most));
    return std::nullopt;
  };
}

Rule number() {
  return [](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    if (!value.is_number()) return wrong_type(value, field, "number");
    if (value.get<double>() <= kLargestFloat) return std::nullopt;
    return failure(value, field,
                   fmt::format("{} is greater than the maximum of {}", python_repr(value), kLargestFloat));
  };
}

Rule custom_name() { return word_of(&is_custom_name, "^CUSTOM_[A-Z0-9_]+$", 255); }

Rule upper_word(size_t most) { return word_of(&is_upper_word, "^[A-Z0-9_]+$", most); }

Rule uuid_in_form() {
  return [](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    if (!value.is_string()) return wrong_type(value, field, "string");
    if (parse_uuid(value.get_ref<const std::string&>())) return std::nullopt;
    return failure(value, field, fmt::format("{} is not a 'uuid'", python_repr(value)));
  };
}

Rule unique_list_of(Rule rule) {
  return [rule = list_of(std::move(rule))](const Json& value, const std::string& field,
                                           Minor minor) -> std::optional<Failure> {
    if (auto wrong = rule(value, field, minor)) return wrong;
    std::set<std::string> seen;
    for (const Json& item : value)
      if (!seen.insert(to_text(item)).second)
        return failure(value, field, fmt::format("{} has non-unique elements", python_repr(value)));
    return std::nullopt;
  };
}

Rule keyed(bool (*is_key)(std::string_view), std::string pattern, Rule rule, size_t least) {
  return
      [=, rule = std::move(rule)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
        if (!value.is_object()) return wrong_type(value, field, "object");
        for (const auto& [key, member] : value.items())
          if (!is_key(key))
            return failure(value, field,
                           fmt::format("{} does not match any of the regexes: '{}'", python_repr(Json(key)), pattern));
        if (value.size() < least)
          return failure(value, field, fmt::format("{} does not have enough properties", python_repr(value)));
        for (const auto& [key, member] : value.items())
          if (auto wrong = rule(member, key, minor)) return wrong;
        return std::nullopt;
      };
}

}  // namespace kilonova::api::openstack
