// Neutron: networks. A network has its one subnet from its beginning here, so that none can be made without one yet.
#include "api-server/front/openstack/network/networks.h"

#include <fmt/format.h>

#include <optional>

#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/times.h"
#include "domain/nouns/network.h"

namespace kilonova::api::openstack {
namespace {

Json network_view(const Network& network, const Call& call) {
  std::string project = to_hex(network.project_id);
  Json view{{"id", to_string(network.id)},
            {"name", network.name},
            {"tenant_id", project},
            {"admin_state_up", true},
            {"mtu", network.external ? 1500 : 1450},
            {"status", "ACTIVE"},
            {"subnets", Json::array({subnet_id(network.id)})},
            {"shared", network.shared},
            {"availability_zone_hints", Json::array()},
            {"availability_zones", Json::array()},
            {"ipv4_address_scope", nullptr},
            {"ipv6_address_scope", nullptr},
            {"router:external", network.external},
            {"description", ""},
            {"port_security_enabled", true}};
  if (network.external) view["is_default"] = false;
  view["tags"] = Json::array();
  view["created_at"] = time_to_seconds(network.created_at);
  view["updated_at"] = time_to_seconds(network.created_at);
  view["revision_number"] = 2;
  view["project_id"] = project;
  if (!call.is_admin()) return view;
  view["provider:network_type"] = "vlan";
  view["provider:physical_network"] = "physnet1";
  view["provider:segmentation_id"] = network.vlan;
  return view;
}

Task<Answered> list(Call& call) {
  auto networks = co_await all_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  std::vector<Json> items;
  for (const Network& network : *networks) items.push_back(network_view(network, call));
  co_return neutron_list(
      call, "networks", std::move(items),
      {"id", "name", "tenant_id", "project_id", "admin_state_up", "mtu", "status", "shared", "router:external",
       "description", "is_default", "provider:network_type", "provider:physical_network", "provider:segmentation_id",
       "created_at", "updated_at", "revision_number", "port_security_enabled"});
}

Task<std::expected<Network, Refusal>> find(Call& call) {
  std::string asked = call.in_path("network");
  std::optional<Uuid> id = parse_uuid(asked);
  if (!id) co_return neutron_not_found("Network", asked);
  auto found =
      co_await ask_one(call, ListNetworks{.network = to_string(*id)}, &NetworkList::networks, &Network::id, *id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return neutron_not_found("Network", asked);
  co_return std::move(**found);
}

Task<Answered> show(Call& call) {
  auto network = co_await find(call);
  if (!network) co_return std::unexpected(std::move(network.error()));
  co_return neutron_item(call, "network", network_view(*network, call));
}

Task<Answered> remove(Call& call) {
  auto network = co_await find(call);
  if (!network) co_return std::unexpected(std::move(network.error()));
  auto removed = co_await ask(call, DeleteNetwork{to_string(network->id)});
  if (!removed && removed.error().status == 404) co_return neutron_not_found("Network", to_string(network->id));
  if (!removed && removed.error().status == 409) {
    removed.error().type = "NetworkInUse";
    removed.error().message = fmt::format(
        "Unable to complete operation on network {}. There are one or more ports still in use on the network.",
        to_string(network->id));
  }
  if (!removed && removed.error().status == 403) removed.error().type = "PolicyNotAuthorized";
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/networks", UserRole::kReader, "get_network", &list},
    {kNeutron, "GET", "/v2.0/networks/{network}", UserRole::kReader, "get_network", &show},
    {kNeutron, "DELETE", "/v2.0/networks/{network}", UserRole::kMember, "delete_network", &remove},
};

}  // namespace

Task<std::expected<std::vector<Network>, Refusal>> all_networks(Call& call) {
  return ask_all(call, ListNetworks{}, &NetworkList::networks,
                 [](const Network& network) { return to_string(network.id); });
}

std::string subnet_id(const Uuid& network) { return stable_uuid("subnet " + to_string(network)); }
std::string port_id(const Uuid& server, uint32_t nic) {
  return stable_uuid(fmt::format("port {} {}", to_string(server), nic));
}
std::string security_group_id(const Uuid& project) { return stable_uuid("security group " + to_string(project)); }

std::span<const Route> network_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
