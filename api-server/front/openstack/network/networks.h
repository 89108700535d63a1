// Networks as Neutron's other resources need them.
#pragma once

#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/network/parts.h"
#include "domain/net.h"

namespace kilonova::api::openstack {

// 404 for one that the caller does not see.
Task<std::expected<StoredNetwork, Refusal>> find_network(Call& call, std::string id);

// As a POST of this body's "network" makes it: its view.
Task<std::expected<Json, Refusal>> make_network(Call& call, const Json& wanted);

// Those that the caller sees, by id.
Task<std::expected<std::vector<StoredNetwork>, Refusal>> visible_networks(Call& call);

// provider:network_type, provider:physical_network and provider:segmentation_id, which is null of a flat or local one.
Json provider_of(const StoredNetwork& network);

// The port of a server's nic that has no record of its own: it follows from server and nic. Likewise a project's
// default security group.
std::string port_id(const Uuid& server, uint32_t nic);
std::string security_group_id(const Uuid& project);

}  // namespace kilonova::api::openstack
