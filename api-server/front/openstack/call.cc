#include "api-server/front/openstack/call.h"

namespace kilonova::api::openstack {

const std::string& Call::in_path(std::string_view name) const {
  static const std::string kNone;
  for (const auto& [part, value] : path)
    if (part == name) return value;
  return kNone;
}

const std::string* Call::in_query(std::string_view key) const {
  const std::string* found = nullptr;
  for (const auto& [name, value] : target.query)
    if (name == key) found = &value;
  return found;
}

std::vector<std::string> Call::all_in_query(std::string_view key) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : target.query)
    if (name == key) values.push_back(value);
  return values;
}

}  // namespace kilonova::api::openstack
