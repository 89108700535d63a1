// The nics that new servers are asked for: networks, ports, and networks where the server is to have a certain address
// or tag, or that only a policy opens to its project. For those a port is made first, one for each server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/network/parts.h"
#include "domain/instance.h"

namespace kilonova::api::openstack {

// A port that one of the servers of a create is to have.
struct NicPort {
  Uuid id;
  size_t server = 0;     // its index among those that are made
  bool is_made = false;  // for it; nobody needs it where the server is not made
  std::string tag;       // what the guest is to be told that it is called; "" = nothing
};

struct WantedNics {
  std::vector<std::string> networks;  // as CreateServers has them
  std::vector<NicPort> ports;         // of which give_ports() is to be told, or drop_ports()
};

// `networks`: of the request's body, null where it says none; of EC2's also "subnet", where in the network an interface
// is to be, and of the ports that are made for it, one for each server, the "port_ids", their "security_groups", more
// addresses as "more_ips" ("" = any of the subnet), other "details", and whether they "stay" after the servers: "stays".
// `count`: of servers, at most. 400, 403, 404 and 409 in Nova's words; then nothing was made.
// `groups`: ids of the security groups of those that are made; none = the default one.
Task<std::expected<WantedNics, Refusal>> prepare_nics(Call& call, const Json& networks, uint32_t count,
                                                      const std::vector<std::string>& groups);
// What a guest is told its nic is called, for as long as this server has it; null where nothing was said.
Json device_tag(const StoredPort& port);
void set_device_tag(StoredPort& port, const Uuid& server, const std::string& tag);
std::vector<Uuid> uuids_of(const std::vector<Instance>& servers);
// Says whose they are, so that they go with the server even where it never gets to its nics, unless they stay; and what
// they are called. Those of servers that the quota did not allow are deleted. `servers`: in the order of the create's
// answer.
Task<void> give_ports(Call& call, std::vector<NicPort> ports, std::vector<Uuid> servers);
// Deletes those that were made: there is no server.
Task<void> drop_ports(Call& call, std::vector<NicPort> ports);

}  // namespace kilonova::api::openstack
