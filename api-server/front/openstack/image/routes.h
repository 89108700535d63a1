// Glance's routes, one file a resource.
#pragma once

#include <span>

#include "api-server/front/openstack/route.h"

namespace kilonova::api::openstack {

std::span<const Route> image_version_routes();
std::span<const Route> image_routes();
std::span<const Route> image_list_routes();
std::span<const Route> image_data_routes();
std::span<const Route> image_member_routes();
std::span<const Route> image_schema_routes();
std::span<const Route> metadef_routes();
std::span<const Route> metadef_part_routes();

}  // namespace kilonova::api::openstack
