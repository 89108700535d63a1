// Nova: os-networks and os-tenant-networks, to 2.35: of Neutron's networks the id and the name, and nothing where
// nova-network had more to say. What changed them is gone in every microversion.
#include <fmt/format.h>

#include <string_view>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/network/networks.h"

namespace kilonova::api::openstack {
namespace {

constexpr Minor kLast = 35;

constexpr std::string_view kOfAll[] = {"cidr", "netmask", "gateway", "broadcast",
                                       "dns1", "dns2",    "cidr_v6", "gateway_v6"};
constexpr std::string_view kOfAdmins[] = {"created_at",
                                          "updated_at",
                                          "deleted_at",
                                          "deleted",
                                          "injected",
                                          "bridge",
                                          "vlan",
                                          "vpn_public_address",
                                          "vpn_public_port",
                                          "vpn_private_address",
                                          "dhcp_start",
                                          "project_id",
                                          "host",
                                          "bridge_interface",
                                          "multi_host",
                                          "priority",
                                          "rxtx_base",
                                          "mtu",
                                          "dhcp_server",
                                          "enable_dhcp",
                                          "share_address"};

Json network_view(const StoredNetwork& network, const Call& call) {
  Json view{{"id", to_string(network.row.id)}};
  for (std::string_view key : kOfAll) view[std::string(key)] = nullptr;
  view["label"] = network.row.name;
  view["netmask_v6"] = nullptr;
  if (call.is_admin())
    for (std::string_view key : kOfAdmins) view[std::string(key)] = nullptr;
  return view;
}

Json tenant_network_view(const StoredNetwork& network, const Call&) {
  return {{"id", to_string(network.row.id)}, {"cidr", "None"}, {"label", network.row.name}};
}

using View = Json (*)(const StoredNetwork& network, const Call& call);

template <View kView>
Task<Answered> list(Call& call) {
  auto networks = co_await visible_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  Json items = Json::array();
  for (const StoredNetwork& network : *networks) items.push_back(kView(network, call));
  co_return Answer{200, {{"networks", std::move(items)}}};
}

template <View kView>
Task<Answered> show(Call& call) {
  auto network = co_await find_network(call, call.in_path("id"));
  if (!network && network.error().status == 404) co_return refused(404, "Network not found");
  if (!network) co_return std::unexpected(std::move(network.error()));
  co_return Answer{200, {{"network", kView(*network, call)}}};
}

Task<Answered> gone(Call&) {
  co_return refused(410, "This resource is no longer available. No forwarding address is given.");
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;
constexpr std::string_view kNone = "";

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-networks", kReader, "os_compute_api:os-networks:list", &list<&network_view>, kFirstMinor,
     kLast},
    {kNova, "GET", "/v2.1/os-networks/{id}", kReader, "os_compute_api:os-networks:show", &show<&network_view>,
     kFirstMinor, kLast},
    {kNova, "GET", "/v2.1/os-tenant-networks", kReader, "os_compute_api:os-tenant-networks:list",
     &list<&tenant_network_view>, kFirstMinor, kLast},
    {kNova, "GET", "/v2.1/os-tenant-networks/{id}", kReader, "os_compute_api:os-tenant-networks:show",
     &show<&tenant_network_view>, kFirstMinor, kLast},
    {kNova, "GET", "/v2.1/os-agents", kReader, kNone, &gone},
    {kNova, "GET", "/v2.1/os-cells", kReader, kNone, &gone},
    {kNova, "GET", "/v2.1/os-certificates/{id}", kReader, kNone, &gone},
    {kNova, "GET", "/v2.1/os-cloudpipe", kReader, kNone, &gone},
    {kNova, "GET", "/v2.1/os-fixed-ips/{id}", kReader, kNone, &gone},
    {kNova, "GET", "/v2.1/os-floating-ip-dns", kReader, kNone, &gone},
    {kNova, "GET", "/v2.1/os-floating-ips-bulk", kReader, kNone, &gone},
    {kNova, "GET", "/v2.1/os-fping", kReader, kNone, &gone},
    {kNova, "GET", "/v2.1/os-security-group-default-rules", kReader, kNone, &gone},
    {kNova, "GET", "/v2.1/servers/{server}/consoles", kReader, kNone, &gone},
    {kNova, "GET", "/v2.1/servers/{server}/os-virtual-interfaces", kReader, kNone, &gone},
    {kNova, "POST", "/v2.1/os-agents", kMember, kNone, &gone},
    {kNova, "POST", "/v2.1/os-cells", kMember, kNone, &gone},
    {kNova, "POST", "/v2.1/os-certificates", kMember, kNone, &gone},
    {kNova, "POST", "/v2.1/os-cloudpipe", kMember, kNone, &gone},
    {kNova, "POST", "/v2.1/os-floating-ips-bulk", kMember, kNone, &gone},
    {kNova, "POST", "/v2.1/os-security-group-default-rules", kMember, kNone, &gone},
    {kNova, "POST", "/v2.1/os-networks", kMember, kNone, &gone},
    {kNova, "POST", "/v2.1/os-networks/add", kMember, kNone, &gone},
    {kNova, "POST", "/v2.1/os-networks/{id}/action", kMember, kNone, &gone},
    {kNova, "DELETE", "/v2.1/os-networks/{id}", kMember, kNone, &gone},
    {kNova, "POST", "/v2.1/os-tenant-networks", kMember, kNone, &gone},
    {kNova, "DELETE", "/v2.1/os-tenant-networks/{id}", kMember, kNone, &gone},
};

}  // namespace

std::span<const Route> network_proxy_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
