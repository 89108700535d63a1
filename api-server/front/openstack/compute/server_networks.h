// What hangs on the interfaces of servers and stands in no server's row: addresses beyond the first, floating ones, and
// security groups.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/network/parts.h"
#include "domain/instance.h"

namespace kilonova::api::openstack {

struct ServerNetworks {
  std::map<std::pair<Uuid, Mac>, StoredPort> ports;  // those with a record, by network and MAC
  // Floating addresses, by the inner port and its address.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> floating;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> floating_ids;  // of these, in their order
  std::map<std::string, std::string> group_names;  // by id; asked for where a server is not in the default one alone
};

// Of these servers. Where the network-controller cannot be asked, the servers are shown as their rows say.
Task<ServerNetworks> networks_of(Call& call, const std::vector<Instance>& servers);

// {"private": [{"version": 4, "addr": "10.0.0.2"}]}; with types and MACs where a server is shown. A network's fixed
// addresses go before its floating ones.
Json addresses_of(const Instance& server, const ServerNetworks& networks, bool with_types);
// [{"name": "default"}]: of each port each one. Null for a server whose interfaces are in none, or that has none.
Json security_groups_of(const Instance& server, const ServerNetworks& networks);

// The ids of the groups that the interfaces of a server are in of which nothing else is said.
std::vector<std::string> asked_groups(const Instance& server);
// Of a port; one of which nothing was said is in its project's default one.
std::vector<std::string> groups_of(const StoredPort& port);
// Of the caller's groups, by id or name: its id. 404, and 409 where several have the name.
Task<std::expected<std::string, Refusal>> find_group(Call& call, std::string named);

}  // namespace kilonova::api::openstack
