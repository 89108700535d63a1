// Every route of every service.
#include "api-server/front/openstack/compute/routes.h"

#include <vector>

#include "api-server/front/openstack/identity/routes.h"
#include "api-server/front/openstack/image/routes.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/placement/routes.h"
#include "api-server/front/openstack/route.h"

namespace kilonova::api::openstack {
namespace {

std::vector<std::span<const Route>> compute_resources() {
  return {compute_version_routes(),
          flavor_routes(),
          flavor_extra_spec_routes(),
          key_pair_routes(),
          server_routes(),
          server_action_routes(),
          server_console_routes(),
          interface_routes(),
          server_group_routes(),
          server_security_group_routes(),
          extension_routes(),
          tenant_usage_routes(),
          image_proxy_routes(),
          external_event_routes(),
          os_hosts_routes(),
          compute_security_group_routes(),
          compute_floating_ip_routes(),
          network_proxy_routes(),
          server_properties_routes(),
          instance_action_routes(),
          migration_routes(),
          limits_routes(),
          quota_set_routes(),
          aggregate_routes(),
          hypervisor_routes(),
          compute_service_routes(),
          availability_zone_routes()};
}

std::vector<std::span<const Route>> identity_resources() {
  return {identity_version_routes(),
          token_routes(),
          catalog_routes(),
          catalog_record_routes(),
          plain_record_routes(),
          group_routes(),
          project_routes(),
          user_routes(),
          role_routes(),
          grant_routes(),
          ec2_credential_routes(),
          ec2_token_routes(),
          application_credential_routes(),
          access_rule_routes(),
          trust_routes(),
          domain_config_routes(),
          domain_routes()};
}

std::vector<std::span<const Route>> image_resources() {
  return {image_version_routes(), image_routes(),        image_list_routes(), image_data_routes(),
          image_member_routes(),  image_schema_routes(), metadef_routes(),    metadef_part_routes()};
}

std::vector<std::span<const Route>> network_resources() {
  return {network_version_routes(), network_routes(),       subnet_routes(),           port_routes(),
          security_group_routes(),  router_routes(),        router_interface_routes(), floating_ip_routes(),
          subnetpool_routes(),      address_scope_routes(), network_quota_routes(),    network_tag_routes(),
          network_service_routes(), rbac_routes(),          segment_routes(),          auto_allocated_topology_routes(),
          network_flavor_routes()};
}

}  // namespace

std::span<const Route> routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> rows;
    for (const auto& service :
         {identity_resources(), compute_resources(), image_resources(), network_resources(), placement_routes()})
      for (std::span<const Route> resource : service) rows.insert(rows.end(), resource.begin(), resource.end());
    return rows;
  }();
  return all;
}

}  // namespace kilonova::api::openstack
