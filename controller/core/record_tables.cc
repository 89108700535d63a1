#include "controller/core/record_tables.h"

#include <algorithm>

#include "domain/client_token.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/user.h"
#include "domain/resources.h"
#include "domain/setting.h"
#include "domain/user_role.h"

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

const Flavor* RecordTables::find_flavor(std::string_view id_or_name, bool also_private, const Uuid& project) const {
  auto visible = [&](const Flavor& flavor) { return also_private || may_use(flavor, project); };
  const auto& flavors = of<Flavor>();
  auto it = flavors.find(std::string(id_or_name));
  if (it != flavors.end() && visible(it->second)) return &it->second;
  for (const auto& [id, flavor] : flavors)
    if (flavor.name == id_or_name && visible(flavor)) return &flavor;
  return nullptr;
}

const Image* RecordTables::find_image(std::string_view id_or_name, const Uuid& project, bool also_all) const {
  const auto& images = of<Image>();
  if (auto id = parse_uuid(id_or_name)) {
    auto it = images.find(*id);
    if (it != images.end() && (also_all || may_use(it->second, project))) return &it->second;
  }
  for (const auto& [id, image] : images)
    if (image.name == id_or_name && is_listed(image, project)) return &image;
  return nullptr;
}

const Project* RecordTables::find_project(std::string_view id_or_name) const {
  return find_by_id_or_name(of<Project>(), id_or_name);
}

const User* RecordTables::find_user(std::string_view id_or_name) const {
  return find_by_id_or_name(of<User>(), id_or_name);
}

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
  std::vector<const Network*> own, shared;
  for (const auto& [id, network] : networks) {
    if (!may_attach(network, project, false)) continue;
    (network.project_id == project && !network.shared ? own : shared).push_back(&network);
  }
  return own.empty() ? shared : own;
}

Quota RecordTables::quota(const Uuid& project) const {
  auto it = of<Quota>().find(project);
  if (it != of<Quota>().end()) return it->second;
  auto of_class = of<Quota>().find(Uuid{});
  Quota defaults = of_class == of<Quota>().end() ? Quota() : of_class->second;
  defaults.project_id = project;
  return defaults;
}

Quota RecordTables::quota(const Uuid& project, const Uuid& user) const {
  Quota limits = quota(project);
  auto own = of<UserQuota>().find({project, user});
  if (own != of<UserQuota>().end()) set_limits(own->second.limits, limits);
  return limits;
}

UserRole RecordTables::role(const Uuid& user, const Uuid& project) const {
  auto it = of<RoleAssignment>().find({user, project});
  return it == of<RoleAssignment>().end() ? UserRole::kNone : it->second.role;
}

bool RecordTables::zone_exists(std::string_view zone) const {
  return std::ranges::any_of(of<Host>(),
                             [&](const auto& entry) { return entry.second.enabled && zone_of(entry.second) == zone; });
}

const std::string& RecordTables::zone_of(const Host& host) const {
  for (const auto& [id, aggregate] : of<Aggregate>())
    if (!aggregate.availability_zone.empty() && std::ranges::binary_search(aggregate.hosts, host.name))
      return aggregate.availability_zone;
  return host.zone;
}

const std::string& RecordTables::setting(const std::string& name) const {
  static const std::string kNone;
  auto it = of<Setting>().find(name);
  return it == of<Setting>().end() ? kNone : it->second.value;
}

RecordTables to_tables(const ControllerState& state) {
  RecordTables tables;
  for_each_type(StoredRecords{}, [&]<class Row>() {
    for (const Row& row : state.of<Row>()) {
      if constexpr (std::is_same_v<Row, ClientToken>) {
        tables.of<Row>().insert(row);
      } else if constexpr (std::is_same_v<Row, Host>) {
        tables.of<Row>()[row.name] = row;
      } else if constexpr (!std::is_same_v<Row, FaultRule> && !std::is_same_v<Row, FaultHit>) {
        tables.of<Row>()[row.key()] = row;
      }
    }
  });
  return tables;
}

}  // namespace kilonova::controller
