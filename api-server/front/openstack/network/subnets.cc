// Neutron: subnets: the one that each network has.
#include <fmt/format.h>

#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/times.h"

namespace kilonova::api::openstack {
namespace {

// All addresses but the first, the last and the gateway's.
Json pools_of(const Network& network) {
  Json pools = Json::array();
  uint64_t size = uint64_t{1} << (32 - network.cidr.prefix);
  uint64_t first = network.cidr.network.value;
  uint64_t gateway = network.gateway.value;
  auto add = [&](uint64_t from, uint64_t to) {
    if (from <= to)
      pools.push_back({{"start", to_string(Ipv4{static_cast<uint32_t>(from)})},
                       {"end", to_string(Ipv4{static_cast<uint32_t>(to)})}});
  };
  if (size < 4) return pools;
  uint64_t low = first + 1, high = first + size - 2;
  if (gateway < low || gateway > high) {
    add(low, high);
  } else {
    add(low, gateway - 1);
    add(gateway + 1, high);
  }
  return pools;
}

Json subnet_view(const Network& network) {
  std::string project = to_hex(network.project_id);
  return {{"id", subnet_id(network.id)},
          {"name", network.name + "-subnet"},
          {"tenant_id", project},
          {"network_id", to_string(network.id)},
          {"ip_version", 4},
          {"subnetpool_id", nullptr},
          {"enable_dhcp", true},
          {"ipv6_ra_mode", nullptr},
          {"ipv6_address_mode", nullptr},
          {"gateway_ip", to_string(network.gateway)},
          {"cidr", to_string(network.cidr)},
          {"allocation_pools", pools_of(network)},
          {"host_routes", Json::array()},
          {"dns_nameservers", Json::array()},
          {"description", ""},
          {"service_types", Json::array()},
          {"tags", Json::array()},
          {"created_at", time_to_seconds(network.created_at)},
          {"updated_at", time_to_seconds(network.created_at)},
          {"revision_number", 0},
          {"project_id", project}};
}

Task<Answered> list(Call& call) {
  auto networks = co_await all_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  std::vector<Json> items;
  for (const Network& network : *networks) items.push_back(subnet_view(network));
  co_return neutron_list(call, "subnets", std::move(items),
                         {"id", "name", "tenant_id", "project_id", "network_id", "ip_version", "cidr", "gateway_ip",
                          "enable_dhcp", "description", "subnetpool_id", "ipv6_ra_mode", "ipv6_address_mode",
                          "created_at", "updated_at", "revision_number"});
}

Task<Answered> show(Call& call) {
  std::string asked = call.in_path("subnet");
  auto networks = co_await all_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  for (const Network& network : *networks)
    if (subnet_id(network.id) == asked) co_return neutron_item(call, "subnet", subnet_view(network));
  co_return neutron_not_found("Subnet", asked);
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/subnets", UserRole::kReader, "get_subnet", &list},
    {kNeutron, "GET", "/v2.0/subnets/{subnet}", UserRole::kReader, "get_subnet", &show},
};

}  // namespace

std::span<const Route> subnet_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
