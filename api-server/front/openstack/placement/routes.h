// Placement's routes: a file a resource.
#pragma once

#include <span>
#include <vector>

#include "api-server/front/openstack/route.h"

namespace kilonova::api::openstack {

std::span<const Route> placement_version_routes();
std::span<const Route> resource_provider_routes();
std::span<const Route> provider_inventory_routes();
std::span<const Route> provider_usage_routes();
std::span<const Route> provider_association_routes();
std::span<const Route> resource_class_routes();
std::span<const Route> trait_routes();
std::span<const Route> allocation_routes();
std::span<const Route> allocation_candidate_routes();
std::span<const Route> reshaper_routes();

// All of them.
std::vector<std::span<const Route>> placement_routes();

}  // namespace kilonova::api::openstack
