#include "cli/output/properties.h"

#include <fmt/format.h>

#include <algorithm>

namespace kilonova::cli {

Expected<> add_properties(const std::vector<std::string>& given, Properties* properties) {
  auto has_key = [](const std::string& text) { return text.find('=') != std::string::npos && !text.starts_with('='); };
  if (auto wrong = std::ranges::find_if_not(given, has_key); wrong != given.end())
    return fail(ErrorCode::kInvalidArgument, fmt::format("--property '{}' is not of the form key=value", *wrong));
  for (const std::string& property : given) {
    size_t equals = property.find('=');
    v1::MetadataItem& item = *properties->Add();
    item.set_key(property.substr(0, equals));
    item.set_value(property.substr(equals + 1));
  }
  return {};
}

std::string properties_text(const Properties& properties) {
  std::string text;
  for (const v1::MetadataItem& item : properties)
    text += fmt::format("{}{}='{}'", text.empty() ? "" : ", ", item.key(), item.value());
  return text;
}

Json properties_json(const Properties& properties) {
  Json json = Json::object();
  for (const v1::MetadataItem& item : properties) json[item.key()] = item.value();
  return json;
}

}  // namespace kilonova::cli
