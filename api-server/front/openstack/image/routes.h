// Glance's routes, one file a resource.
#pragma once

#include <span>

#include "api-server/front/openstack/route.h"

namespace kilonova::api::openstack {

std::span<const Route> image_version_routes();
std::span<const Route> image_routes();

}  // namespace kilonova::api::openstack
