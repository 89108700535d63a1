#include "api-server/front/openstack/metadata_json.h"

namespace kilonova::api::openstack {

Json metadata_json(const std::vector<MetadataItem>& items) {
  Json object = Json::object();
  for (const MetadataItem& item : items) append_member(object, item.key, item.value);
  return object;
}

std::vector<MetadataItem> metadata_items(const Json& object) {
  std::vector<MetadataItem> items;
  for (const auto& [key, value] : object.items())
    items.push_back({key, value.is_string() ? value.get<std::string>() : to_text(value)});
  return items;
}

}  // namespace kilonova::api::openstack
