#include "api-server/front/openstack/schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/ids.h"
#include "domain/form_rules.h"

namespace kilonova::api::openstack {
namespace {

// The value itself as Python's str() has it, which leaves a text as it is; the message has its repr().
Failure failure(const Json& value, const std::string& field, std::string message) {
  return {field, value.is_string() ? value.get<std::string>() : python_repr(value), std::move(message)};
}

Failure wrong_type(const Json& value, const std::string& field, std::string_view types) {
  return failure(value, field, fmt::format("{} is not of type {}", python_repr(value), types));
}

size_t characters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::optional<int64_t> number_of(const Json& value) {
  if (value.is_number_unsigned()) {
    uint64_t number = value.get<uint64_t>();
    return static_cast<int64_t>(std::min<uint64_t>(number, INT64_MAX));
  }
  if (value.is_number_integer()) return value.get<int64_t>();
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc::result_out_of_range) return text.starts_with('-') ? INT64_MIN : INT64_MAX;
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

constexpr auto kTrue =
    std::to_array<std::string_view>({"true", "True", "TRUE", "1", "on", "On", "ON", "yes", "Yes", "YES"});
constexpr auto kFalse =
    std::to_array<std::string_view>({"false", "False", "FALSE", "0", "off", "Off", "OFF", "no", "No", "NO"});

std::optional<bool> truth_of(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (!value.is_string()) return std::nullopt;
  std::string_view text = value.get_ref<const std::string&>();
  if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
  return std::nullopt;
}

// Of several failures jsonschema's best_match tells the outermost, and of those the first: required properties, unknown
// ones, then what stands in them.
std::optional<Failure> check_properties(const std::vector<Property>& properties, const Json& value,
                                        const std::string& field, Minor minor) {
  auto is_here = [minor](const Property& p) { return minor >= p.since && minor <= p.until; };
  for (const Property& property : properties)
    if (property.required && is_here(property) && !value.contains(property.name))
      return failure(value, field, fmt::format("'{}' is a required property", property.name));
  auto find = [&](const std::string& key) {
    return std::ranges::find_if(properties, [&](const Property& p) { return p.name == key && is_here(p); });
  };
  std::vector<std::string> unexpected;
  for (const auto& [key, member] : value.items())
    if (find(key) == properties.end()) unexpected.push_back(python_repr(Json(key)));
  if (!unexpected.empty())
    return failure(value, field,
                   fmt::format("Additional properties are not allowed ({} {} unexpected)", fmt::join(unexpected, ", "),
                               unexpected.size() == 1 ? "was" : "were"));
  for (const auto& [key, member] : value.items())
    if (auto wrong = find(key)->rule(member, key, minor)) return wrong;
  return std::nullopt;
}

}  // namespace

Rule anything() {
  return [](const Json&, const std::string&, Minor) -> std::optional<Failure> { return std::nullopt; };
}

Rule text(size_t least, size_t most) {
  return [=](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    if (!value.is_string()) return wrong_type(value, field, "'string'");
    size_t length = characters(value.get_ref<const std::string&>());
    if (length < least) return failure(value, field, fmt::format("{} is too short", python_repr(value)));
    if (length > most) return failure(value, field, fmt::format("{} is too long", python_repr(value)));
    return std::nullopt;
  };
}

Rule name() {
  return [form = text(1, 255)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    if (check_name("the name", value.get_ref<const std::string&>())) return std::nullopt;
    Failure wrong =
        failure(value, field,
                "An invalid 'name' value was provided. The name must be: printable characters. Can not start "
                "or end with whitespace.");
    wrong.is_whole = true;
    return wrong;
  };
}

Rule integer(int64_t least, int64_t most) {
  return [=](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    std::optional<int64_t> number = number_of(value);
    if (!number) return wrong_type(value, field, "'integer', 'string'");
    if (*number < least) return failure(value, field, fmt::format("{} is less than the minimum of {}", *number, least));
    if (*number > most)
      return failure(value, field, fmt::format("{} is greater than the maximum of {}", *number, most));
    return std::nullopt;
  };
}

Rule boolean() {
  return [](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    if (truth_of(value)) return std::nullopt;
    return wrong_type(value, field, "'boolean', 'string'");
  };
}

Rule one_of(std::vector<std::string> values) {
  return [values = std::move(values)](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    if (value.is_string() && std::ranges::find(values, value.get_ref<const std::string&>()) != values.end())
      return std::nullopt;
    return failure(value, field, fmt::format("{} is not one of ['{}']", python_repr(value), fmt::join(values, "', '")));
  };
}

Rule uuid() {
  return [](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    if (!value.is_string()) return wrong_type(value, field, "'string'");
    if (parse_uuid(value.get_ref<const std::string&>())) return std::nullopt;
    return failure(value, field, fmt::format("{} is not a 'uuid'", python_repr(value)));
  };
}

Rule null_or(Rule rule) {
  return [rule = std::move(rule)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    return value.is_null() ? std::nullopt : rule(value, field, minor);
  };
}

Rule list_of(Rule rule, size_t least, size_t most) {
  return
      [=, rule = std::move(rule)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
        if (!value.is_array()) return wrong_type(value, field, "'array'");
        if (value.size() < least) return failure(value, field, fmt::format("{} is too short", python_repr(value)));
        if (value.size() > most) return failure(value, field, fmt::format("{} is too long", python_repr(value)));
        for (size_t i = 0; i < value.size(); ++i)
          if (auto wrong = rule(value[i], fmt::to_string(i), minor)) return wrong;
        return std::nullopt;
      };
}

Rule object(std::vector<Property> properties) {
  return [properties = std::move(properties)](const Json& value, const std::string& field,
                                              Minor minor) -> std::optional<Failure> {
    if (!value.is_object()) return wrong_type(value, field, "'object'");
    return check_properties(properties, value, field, minor);
  };
}

Rule map_of(Rule rule) {
  return [rule = std::move(rule)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (!value.is_object()) return wrong_type(value, field, "'object'");
    for (const auto& [key, member] : value.items())
      if (auto wrong = rule(member, key, minor)) return wrong;
    return std::nullopt;
  };
}

Rule metadata_map() {
  return [items = map_of(text(0, 255))](const Json& value, const std::string& field,
                                        Minor minor) -> std::optional<Failure> {
    if (value.is_object())
      for (const auto& [key, member] : value.items()) {
        const bool is_formed = !key.empty() && key.size() <= 255 && std::ranges::all_of(key, [](char c) {
          const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
          return is_alphanumeric || std::string_view("-_:. ").contains(c);
        });
        if (!is_formed)
          return Failure{field, python_repr(value),
                         python_repr(Json(key)) + " does not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'"};
      }
    return items(value, field, minor);
  };
}

Rule body_of(std::string property, Rule rule) { return object({{std::move(property), std::move(rule), true}}); }

std::optional<Refusal> check_schema(const Rule& rule, const Json& body, Minor minor) {
  std::optional<Failure> wrong = rule(body, "", minor);
  if (!wrong) return std::nullopt;
  if (wrong->is_whole || wrong->field.empty()) return Refusal{400, wrong->message};
  return Refusal{400, fmt::format("Invalid input for field/attribute {}. Value: {}. {}", wrong->field, wrong->value,
                                  wrong->message)};
}

int64_t integer_at(const Json& object, std::string_view key, int64_t otherwise) {
  const Json* value = member(object, key);
  return value == nullptr ? otherwise : number_of(*value).value_or(otherwise);
}

bool boolean_at(const Json& object, std::string_view key, bool otherwise) {
  const Json* value = member(object, key);
  return value == nullptr ? otherwise : truth_of(*value).value_or(otherwise);
}

}  // namespace kilonova::api::openstack
