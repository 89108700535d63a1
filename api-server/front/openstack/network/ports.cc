// Neutron: ports: the nics of servers, which are made and go with them.
#include <fmt/format.h>

#include <optional>

#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/times.h"
#include "domain/instance.h"
#include "domain/nouns/server.h"

namespace kilonova::api::openstack {
namespace {

Json port_view(const Instance& server, const Address& address, const Call& call) {
  std::string project = to_hex(server.spec.project_id);
  const std::string& zone = server.spec.availability_zone;
  Json view{{"id", port_id(server.uuid, address.nic)},
            {"name", ""},
            {"network_id", to_string(address.network_id)},
            {"tenant_id", project},
            {"mac_address", to_string(address.mac)},
            {"admin_state_up", true},
            {"status", server.vm_state == VmState::kBuilding ? "DOWN" : "ACTIVE"},
            {"device_id", to_string(server.uuid)},
            {"device_owner", "compute:" + (zone.empty() ? std::string("nova") : zone)},
            {"fixed_ips",
             Json::array({{{"subnet_id", subnet_id(address.network_id)}, {"ip_address", to_string(address.ip)}}})},
            {"allowed_address_pairs", Json::array()},
            {"extra_dhcp_opts", Json::array()},
            {"security_groups", Json::array({security_group_id(server.spec.project_id)})},
            {"description", ""},
            {"binding:vnic_type", "normal"}};
  if (call.is_admin()) {
    view["binding:profile"] = Json::object();
    view["binding:host_id"] = server.current.host;
    view["binding:vif_type"] = "bridge";
    view["binding:vif_details"] = {{"port_filter", true}};
  }
  view["port_security_enabled"] = true;
  view["tags"] = Json::array();
  view["created_at"] = time_to_seconds(server.created_at);
  view["updated_at"] = time_to_seconds(server.launched_at.us != 0 ? server.launched_at : server.created_at);
  view["revision_number"] = 1;
  view["project_id"] = project;
  return view;
}

// Of one server, where the query asks for that: clients ask for a server's ports time and again.
Task<std::expected<std::vector<Instance>, Refusal>> wanted_servers(Call& call) {
  const std::string* device = call.in_query("device_id");
  if (device == nullptr || call.all_in_query("device_id").size() > 1)
    co_return co_await ask_all(call, ListServers{.all_projects = call.is_admin()}, &ServerList::servers,
                               [](const Instance& server) { return to_string(server.uuid); });
  std::optional<Uuid> id = parse_uuid(*device);
  if (!id) co_return std::vector<Instance>();
  auto found = co_await ask(call, GetServer{to_string(*id), call.is_admin()});
  if (!found && found.error().status == 404) co_return std::vector<Instance>();
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return std::move(found->servers);
}

Task<Answered> list(Call& call) {
  auto servers = co_await wanted_servers(call);
  if (!servers) co_return std::unexpected(std::move(servers.error()));
  std::vector<Json> items;
  for (const Instance& server : *servers)
    for (const Address& address : server.current.addresses) items.push_back(port_view(server, address, call));
  co_return neutron_list(call, "ports", std::move(items),
                         {"id", "name", "network_id", "tenant_id", "project_id", "mac_address", "admin_state_up",
                          "status", "device_id", "device_owner", "security_groups", "description", "binding:host_id",
                          "binding:vnic_type", "created_at", "updated_at", "revision_number"});
}

Task<Answered> show(Call& call) {
  std::string asked = call.in_path("port");
  auto servers = co_await wanted_servers(call);
  if (!servers) co_return std::unexpected(std::move(servers.error()));
  for (const Instance& server : *servers)
    for (const Address& address : server.current.addresses)
      if (port_id(server.uuid, address.nic) == asked)
        co_return neutron_item(call, "port", port_view(server, address, call));
  co_return neutron_not_found("Port", asked);
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/ports", UserRole::kReader, "get_port", &list},
    {kNeutron, "GET", "/v2.0/ports/{port}", UserRole::kReader, "get_port", &show},
};

}  // namespace

std::span<const Route> port_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
