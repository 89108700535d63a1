#include "controller/core/record_tables.h"

#include <algorithm>

namespace kilonova::controller {
namespace {

// A value of a map from Uuid, by the text of its id or by its name.
template <class Map>
auto find_by_id_or_name(const Map& map, std::string_view id_or_name) -> const typename Map::mapped_type* {
  if (auto id = parse_uuid(id_or_name)) {
    auto it = map.find(*id);
    if (it != map.end()) return &it->second;
  }
  for (const auto& [id, row] : map)
    if (row.name == id_or_name) return &row;
  return nullptr;
}

}  // namespace

const Flavor* RecordTables::find_flavor(std::string_view id_or_name, bool also_private) const {
  auto visible = [&](const Flavor& flavor) { return also_private || flavor.is_public; };
  auto it = flavors.find(std::string(id_or_name));
  if (it != flavors.end() && visible(it->second)) return &it->second;
  for (const auto& [id, flavor] : flavors)
    if (flavor.name == id_or_name && visible(flavor)) return &flavor;
  return nullptr;
}

const Image* RecordTables::find_image(std::string_view id_or_name, const Uuid& project) const {
  auto visible = [&](const Image& image) { return image.is_public || image.owner == project; };
  if (auto id = parse_uuid(id_or_name)) {
    auto it = images.find(*id);
    if (it != images.end() && visible(it->second)) return &it->second;
  }
  for (const auto& [id, image] : images)
    if (image.name == id_or_name && visible(image)) return &image;
  return nullptr;
}

const Project* RecordTables::find_project(std::string_view id_or_name) const {
  return find_by_id_or_name(projects, id_or_name);
}

const User* RecordTables::find_user(std::string_view id_or_name) const { return find_by_id_or_name(users, id_or_name); }

const Network* RecordTables::find_network(std::string_view id_or_name, const Uuid& project) const {
  auto visible = [&](const Network& n) { return n.shared || n.external || n.project_id == project; };
  if (auto id = parse_uuid(id_or_name)) {
    auto it = networks.find(*id);
    if (it != networks.end() && visible(it->second)) return &it->second;
  }
  for (const auto& [id, network] : networks)
    if (network.name == id_or_name && visible(network)) return &network;
  return nullptr;
}

std::vector<const Network*> RecordTables::usable_networks(const Uuid& project) const {
  std::vector<const Network*> usable;
  for (const auto& [id, network] : networks)
    if (may_attach(network, project, false)) usable.push_back(&network);
  return usable;
}

Quota RecordTables::quota(const Uuid& project) const {
  auto it = quotas.find(project);
  if (it != quotas.end()) return it->second;
  Quota defaults;
  defaults.project_id = project;
  return defaults;
}

UserRole RecordTables::role(const Uuid& user, const Uuid& project) const {
  auto it = roles.find({user, project});
  return it == roles.end() ? UserRole::kNone : it->second;
}

bool RecordTables::zone_exists(std::string_view zone) const {
  return std::ranges::any_of(hosts,
                             [&](const auto& entry) { return entry.second.enabled && entry.second.zone == zone; });
}

RecordTables to_tables(const ControllerState& state) {
  RecordTables tables;
  for (const auto& row : state.flavors) tables.flavors[row.id] = row;
  for (const auto& row : state.images) tables.images[row.id] = row;
  for (const auto& row : state.key_pairs) tables.key_pairs[{row.user_id, row.name}] = row;
  for (const auto& row : state.projects) tables.projects[row.id] = row;
  for (const auto& row : state.users) tables.users[row.id] = row;
  for (const auto& row : state.role_assignments) tables.roles[{row.user_id, row.project_id}] = row.role;
  for (const auto& row : state.quotas) tables.quotas[row.project_id] = row;
  for (const auto& row : state.hosts) tables.hosts[row.name] = row;
  for (const auto& row : state.client_tokens) tables.client_tokens.insert(row);
  for (const auto& row : state.settings) tables.settings[row.key] = row.value;
  return tables;
}

}  // namespace kilonova::controller
