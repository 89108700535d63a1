// Automatically allocated topologies: what a project that has no network of its own is given when it asks.
#pragma once

#include <string>

#include "api-server/front/openstack/call.h"

namespace kilonova::api::openstack {

// 409 where the cloud has no default external network, or no default pool of subnets.
Task<Checked> check_topology_possible(Call& call);

// The id of the project's network, which is made, with its subnets and its router, where it has none. `project`: as
// Keystone writes it, the caller's own or an administrator's choice. After a failure nothing of it is there.
Task<std::expected<std::string, Refusal>> auto_allocated_network(Call& call, std::string project);

}  // namespace kilonova::api::openstack
