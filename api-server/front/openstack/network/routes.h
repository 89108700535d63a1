// Neutron's routes, one file a resource.
#pragma once

#include <span>

#include "api-server/front/openstack/route.h"

namespace kilonova::api::openstack {

std::span<const Route> network_version_routes();
std::span<const Route> network_routes();
std::span<const Route> subnet_routes();
std::span<const Route> port_routes();
std::span<const Route> security_group_routes();
std::span<const Route> router_routes();
std::span<const Route> router_interface_routes();
std::span<const Route> floating_ip_routes();
std::span<const Route> subnetpool_routes();
std::span<const Route> address_scope_routes();
std::span<const Route> network_quota_routes();
std::span<const Route> network_tag_routes();
std::span<const Route> network_service_routes();
std::span<const Route> network_flavor_routes();
std::span<const Route> rbac_routes();
std::span<const Route> segment_routes();
std::span<const Route> auto_allocated_topology_routes();

}  // namespace kilonova::api::openstack
