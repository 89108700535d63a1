// The small tables, whole in memory: flavors, images, key pairs, projects, users, roles, quotas, hosts, tokens, networks.
// Loop thread only. Like InstanceTable they hold only what is committed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "controller/core/client_tokens.h"
#include "domain/net.h"
#include "domain/records.h"
#include "ports/controller_store.h"

namespace kilonova::controller {

struct RecordTables {
  std::map<std::string, Flavor> flavors;  // by id
  std::map<Uuid, Image> images;
  std::map<std::pair<Uuid, std::string>, KeyPair> key_pairs;  // by (user, name)
  std::map<Uuid, Project> projects;
  std::map<Uuid, User> users;
  std::map<std::pair<Uuid, Uuid>, UserRole> roles;  // by (user, project)
  std::map<Uuid, Quota> quotas;                     // projects without a row have the defaults
  std::map<std::string, Host> hosts;                // by name
  ClientTokens client_tokens;
  std::map<std::string, std::string> settings;
  std::map<Uuid, Network> networks;  // the network-controller's, as last told
  bool networks_heard = false;

  // By id or name; nullptr when there is none. Private flavors are the admins': nova/api/openstack/compute/flavors.py shows
  // others only those that their project was given access to, and nobody can give it here.
  const Flavor* find_flavor(std::string_view id_or_name, bool also_private) const;
  // Public ones and the project's own; by id, or by name where it is the only one (the first by id otherwise).
  const Image* find_image(std::string_view id_or_name, const Uuid& project) const;
  const Project* find_project(std::string_view id_or_name) const;
  const User* find_user(std::string_view id_or_name) const;
  const Network* find_network(std::string_view id_or_name, const Uuid& project) const;
  // Networks that servers of the project may use: its own and shared ones, not external ones.
  std::vector<const Network*> usable_networks(const Uuid& project) const;
  Quota quota(const Uuid& project) const;
  UserRole role(const Uuid& user, const Uuid& project) const;
  // A zone that some enabled host is in (Nova: availability is not asked of heartbeats).
  bool zone_exists(std::string_view zone) const;
};

RecordTables to_tables(const ControllerState& state);

}  // namespace kilonova::controller
