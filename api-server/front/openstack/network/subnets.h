// Subnets as Neutron's other resources need them.
#pragma once

#include <string>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/network/parts.h"

namespace kilonova::api::openstack {

// 404 for one that the caller does not see.
Task<std::expected<StoredSubnet, Refusal>> find_subnet(Call& call, std::string id);

// As a POST of this body's "subnet" makes it: its view.
Task<std::expected<Json, Refusal>> make_subnet(Call& call, const Json& wanted);

// What a client said of a subnet, put into its row and details: cidr, gateway, pools and what else Neutron checks.
// Source: neutron/db/db_base_plugin_v2.py, _validate_subnet.
std::expected<void, Refusal> merge_subnet(const Json& wanted, bool is_new, StoredSubnet& subnet);

}  // namespace kilonova::api::openstack
