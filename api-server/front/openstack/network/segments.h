// Neutron: segments. Each network has one by itself; further ones, which administrators add, carry nothing.
#pragma once

#include <string>

#include "api-server/front/openstack/call.h"
#include "runtime/task.h"

namespace kilonova::api::openstack {

// The network is gone: so are its segments.
Task<Checked> forget_segments(Call& call, std::string network_id);

}  // namespace kilonova::api::openstack
