// Nova's routes, one file a resource.
#pragma once

#include <span>

#include "api-server/front/openstack/route.h"

namespace kilonova::api::openstack {

std::span<const Route> compute_version_routes();
std::span<const Route> flavor_routes();
std::span<const Route> flavor_extra_spec_routes();
std::span<const Route> key_pair_routes();
std::span<const Route> server_routes();
std::span<const Route> server_action_routes();
std::span<const Route> server_console_routes();
std::span<const Route> interface_routes();
std::span<const Route> server_group_routes();
std::span<const Route> server_security_group_routes();
std::span<const Route> extension_routes();
std::span<const Route> tenant_usage_routes();
std::span<const Route> image_proxy_routes();
std::span<const Route> external_event_routes();
std::span<const Route> os_hosts_routes();
std::span<const Route> compute_security_group_routes();
std::span<const Route> compute_floating_ip_routes();
std::span<const Route> network_proxy_routes();
std::span<const Route> server_properties_routes();
std::span<const Route> instance_action_routes();
std::span<const Route> migration_routes();
std::span<const Route> limits_routes();
std::span<const Route> quota_set_routes();
std::span<const Route> aggregate_routes();
std::span<const Route> hypervisor_routes();
std::span<const Route> compute_service_routes();
std::span<const Route> availability_zone_routes();

}  // namespace kilonova::api::openstack
