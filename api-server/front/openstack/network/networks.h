// Networks as Neutron's other resources need them.
#pragma once

#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "domain/net.h"

namespace kilonova::api::openstack {

// Those that the caller may see.
Task<std::expected<std::vector<Network>, Refusal>> all_networks(Call& call);

// A network has one subnet here, which has no record of its own: its id follows from the network's.
std::string subnet_id(const Uuid& network);
// Likewise a server's port, of its server and nic, and a project's one security group.
std::string port_id(const Uuid& server, uint32_t nic);
std::string security_group_id(const Uuid& project);

}  // namespace kilonova::api::openstack
