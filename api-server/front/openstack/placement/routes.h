// Placement's routes: so far, which versions there are.
#pragma once

#include <span>

#include "api-server/front/openstack/route.h"

namespace kilonova::api::openstack {

std::span<const Route> placement_routes();

}  // namespace kilonova::api::openstack
