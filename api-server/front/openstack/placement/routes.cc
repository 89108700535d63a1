#include "api-server/front/openstack/placement/routes.h"

namespace kilonova::api::openstack {

std::vector<std::span<const Route>> placement_routes() {
  return {placement_version_routes(),
          resource_provider_routes(),
          provider_inventory_routes(),
          provider_usage_routes(),
          provider_association_routes(),
          resource_class_routes(),
          trait_routes(),
          allocation_routes(),
          allocation_candidate_routes(),
          reshaper_routes()};
}

}  // namespace kilonova::api::openstack
