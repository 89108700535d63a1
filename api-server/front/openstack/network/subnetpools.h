// Subnet pools: records; a subnet can have its cidr cut from one.
#pragma once

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"

namespace kilonova::api::openstack {

// Their kind of records.
inline constexpr std::string_view kSubnetPools = "subnetpool";

// The id of the pool that subnets of this IP version come from where none is named; "" without one.
Task<std::expected<std::string, Refusal>> default_pool(Call& call, int version);

// Gives a subnet that is asked for with a pool, and without a cidr, its cidr: the first free stretch of the pool of
// that length. Where no pool is asked for, nothing changes.
Task<Checked> take_from_pool(Call& call, Json& subnet);

}  // namespace kilonova::api::openstack
