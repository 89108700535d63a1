// Neutron: what serves the networks. No agent does in this cloud: the network-controller has the addresses, and no
// packet flows. So lists of agents are empty, and say so truly.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/parts.h"
#include "api-server/front/openstack/network/routes.h"
#include "domain/ip_address.h"
#include "domain/subnet_rules.h"

namespace kilonova::api::openstack {
namespace {

Task<Answered> list_agents(Call& call) {
  co_return neutron_list(
      call, "agents", {},
      {"id", "agent_type", "binary", "topic", "host", "admin_state_up", "alive", "description", "availability_zone"});
}

Task<Answered> show_agent(Call& call) {
  co_return refused(404, fmt::format("Agent {} could not be found.", call.in_path("agent")), "AgentNotFound");
}

Task<Answered> list_dhcp_agents(Call& call) {
  auto network = co_await find_network(call, call.in_path("network"));
  if (!network) co_return std::unexpected(std::move(network.error()));
  co_return Answer{200, {{"agents", Json::array()}}};
}

// The network-controller serves all networks and routers, in the one zone that Neutron has by itself.
Task<Answered> list_zones(Call& call) {
  std::vector<Json> zones;
  for (const char* resource : {"network", "router"})
    zones.push_back({{"name", "nova"}, {"resource", resource}, {"state", "available"}});
  co_return neutron_list(call, "availability_zones", std::move(zones), {"name", "resource", "state"});
}

Task<Answered> list_service_providers(Call& call) {
  std::vector<Json> providers;
  for (const char* name : {"single_node", "dvr", "ha", "dvrha"})
    providers.push_back(
        {{"service_type", "L3_ROUTER_NAT"}, {"name", name}, {"default", std::string_view(name) == "single_node"}});
  co_return neutron_list(call, "service_providers", std::move(providers), {"service_type", "name", "default"});
}

// Addresses of a pool; what a double holds exactly is enough for JSON.
uint64_t size_of(const std::vector<AddressRange>& pools) {
  uint64_t all = 0;
  for (const AddressRange& pool : pools) {
    std::optional<IpAddress> first = parse_ip(pool.first), last = parse_ip(pool.last);
    if (!first || !last) continue;
    bool is_huge = first->high != last->high || last->low - first->low == UINT64_MAX;
    uint64_t size = is_huge ? UINT64_MAX : last->low - first->low + 1;
    all = size > UINT64_MAX - all ? UINT64_MAX : all + size;
  }
  return all;
}

// `version`: of the subnets that count; 0 = all.
Json availability_view(const StoredNetwork& network, const std::vector<StoredSubnet>& subnets, int version) {
  std::string project = to_hex(network.row.project_id);
  Json of_subnets = Json::array();
  uint64_t total = 0, used = 0;
  for (const StoredSubnet& subnet : subnets) {
    if (subnet.row.network_id != network.row.id) continue;
    const int its_version = parse_ip_network(subnet.row.cidr).value_or(IpNetwork{}).base.version;
    if (version != 0 && its_version != version) continue;
    uint64_t size = size_of(subnet.row.pools);
    of_subnets.push_back({{"subnet_id", to_string(subnet.row.id)},
                          {"subnet_name", value_or(subnet.details, "name", network.row.name + "-subnet")},
                          {"cidr", subnet.row.cidr},
                          {"ip_version", its_version},
                          {"total_ips", size},
                          {"used_ips", subnet.used}});
    total = size > UINT64_MAX - total ? UINT64_MAX : total + size;
    used += subnet.used;
  }
  return {{"network_id", to_string(network.row.id)},
          {"network_name", network.row.name},
          {"tenant_id", project},
          {"project_id", project},
          {"total_ips", total},
          {"used_ips", used},
          {"subnet_ip_availability", std::move(of_subnets)}};
}

Task<std::expected<std::vector<Json>, Refusal>> availabilities(Call& call, int version = 0) {
  std::vector<Json> items;
  if (!call.is_admin()) co_return items;
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  for (const StoredNetwork& network : *networks) {
    Json item = availability_view(network, *subnets, version);
    if (version == 0 || !item["subnet_ip_availability"].empty()) items.push_back(std::move(item));
  }
  co_return items;
}

Task<Answered> list_availabilities(Call& call) {
  int version = 0;
  if (const std::string* wanted = call.in_query("ip_version")) {
    if (*wanted != "4" && *wanted != "6")
      co_return refused(400, fmt::format("'{}' is not in [4, 6]", *wanted), "HTTPBadRequest");
    version = *wanted == "4" ? 4 : 6;
  }
  auto items = co_await availabilities(call, version);
  if (!items) co_return std::unexpected(std::move(items.error()));
  co_return neutron_list(call, "network_ip_availabilities", std::move(*items),
                         {"network_id", "network_name", "tenant_id", "project_id"}, "ip_version");
}

Task<Answered> show_availability(Call& call) {
  auto items = co_await availabilities(call);
  if (!items) co_return std::unexpected(std::move(items.error()));
  for (Json& item : *items)
    if (item["network_id"] == call.in_path("network"))
      co_return neutron_item(call, "network_ip_availability", std::move(item));
  co_return neutron_not_found("Network", call.in_path("network"));
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kReader = UserRole::kReader;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/agents", kReader, "get_agent", &list_agents},
    {kNeutron, "GET", "/v2.0/agents/{agent}", kReader, "get_agent", &show_agent},
    {kNeutron, "GET", "/v2.0/networks/{network}/dhcp-agents", UserRole::kAdmin, "get_dhcp-agents", &list_dhcp_agents},
    {kNeutron, "GET", "/v2.0/availability_zones", kReader, "get_availability_zone", &list_zones},
    {kNeutron, "GET", "/v2.0/service-providers", kReader, "get_service_provider", &list_service_providers},
    {kNeutron, "GET", "/v2.0/network-ip-availabilities", kReader, "get_network_ip_availability", &list_availabilities},
    {kNeutron, "GET", "/v2.0/network-ip-availabilities/{network}", kReader, "get_network_ip_availability",
     &show_availability},
};

}  // namespace

std::span<const Route> network_service_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
