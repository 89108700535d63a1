#include "api-server/front/ec2/stored_tags.h"

#include <string>
#include <utility>

namespace kilonova::api::ec2 {

using openstack::Json;

std::vector<MetadataItem> tags_in(const Json& stored, std::string_view member) {
  std::vector<MetadataItem> tags;
  if (const Json* said = openstack::member(stored, member); said != nullptr && said->is_object())
    for (const auto& [key, value] : said->items())
      if (value.is_string()) tags.push_back({key, value.get<std::string>()});
  return tags;
}

void set_tags_in(Json& stored, const std::vector<MetadataItem>& tags, std::string_view member) {
  Json said = Json::object();
  for (const MetadataItem& tag : tags) said[tag.key] = tag.value;
  stored[std::string(member)] = std::move(said);
}

void add_tag_set(Xml parent, const std::vector<MetadataItem>& tags) {
  Xml set = add(parent, "tagSet");
  for (const MetadataItem& tag : tags) {
    Xml item = add(set, "item");
    add(item, "key", tag.key);
    add(item, "value", tag.value);
  }
}

}  // namespace kilonova::api::ec2
