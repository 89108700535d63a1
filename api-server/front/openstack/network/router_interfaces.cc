// Neutron: what a router is connected with. Each interface is a port with the subnet's gateway address, or one that the
// client made. Source of the rules: neutron/db/l3_db.py, add_router_interface.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/floating_ips.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/routers.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/network/subnets.h"
#include "domain/ip_address.h"

namespace kilonova::api::openstack {
namespace {

std::unexpected<Refusal> bad_router_request(std::string_view why) {
  return bad_request("BadRequest", fmt::format("Bad router request: {}.", why));
}

Answer interface_answer(const StoredObject& router, const Port& port, std::string_view subnet) {
  Json subnets = Json::array();
  for (const FixedIp& fixed : port.fixed_ips) subnets.push_back(to_string(fixed.subnet_id));
  std::string first = !subnet.empty() ? std::string(subnet) : subnets.empty() ? "" : subnets[0].get<std::string>();
  return {200,
          {{"id", router.id},
           {"tenant_id", router.owner},
           {"port_id", to_string(port.id)},
           {"network_id", to_string(port.network_id)},
           {"subnet_id", first},
           {"subnet_ids", Json::array({first})}}};
}

// No two subnets of a router overlap.
Task<Checked> check_overlap(Call& call, const std::vector<StoredPort>& ports, const Subnet& added) {
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  for (const StoredPort& port : ports)
    for (const FixedIp& fixed : port.row.fixed_ips) {
      if (fixed.subnet_id == added.id)
        co_return bad_router_request(fmt::format("Router already has a port on subnet {}", to_string(added.id)));
      auto at =
          std::ranges::find_if(*subnets, [&](const StoredSubnet& subnet) { return subnet.row.id == fixed.subnet_id; });
      if (at == subnets->end()) continue;
      std::optional<IpNetwork> a = parse_ip_network(at->row.cidr), b = parse_ip_network(added.cidr);
      if (a && b && overlap(*a, *b))
        co_return bad_router_request(fmt::format("Cidr {} of subnet {} overlaps with cidr {} of subnet {}", added.cidr,
                                                 to_string(added.id), at->row.cidr, to_string(at->row.id)));
    }
  co_return Checked();
}

std::string_view owner_of_interfaces(const StoredObject& router) {
  return value_or(router.body, "distributed", false) == true ? "network:router_interface_distributed"
                                                             : "network:router_interface";
}

Task<Answered> add_port(Call& call, const StoredObject& router, const std::vector<StoredPort>& ports,
                        std::string port_id) {
  auto shown = co_await find_port(call, port_id);
  if (!shown) co_return std::unexpected(std::move(shown.error()));
  StoredPort port = std::move(shown->port);
  if (!port.row.device_id.empty())
    co_return refused(409,
                      fmt::format("Unable to complete operation on port {} for network {}. Port already has an "
                                  "attached device {}.",
                                  port_id, to_string(port.row.network_id), port.row.device_id),
                      "PortInUse");
  if (port.row.fixed_ips.empty()) co_return bad_router_request("Router port must have at least one fixed IP");
  for (const FixedIp& fixed : port.row.fixed_ips) {
    auto subnet = co_await find_stored_subnet(call, fixed.subnet_id);
    if (!subnet) co_return std::unexpected(std::move(subnet.error()));
    if (!*subnet) continue;
    if (Checked good = co_await check_overlap(call, ports, (*subnet)->row); !good)
      co_return std::unexpected(std::move(good.error()));
  }
  port.row.device_id = router.id;
  port.row.device_owner = owner_of_interfaces(router);
  auto stored = co_await store(call, std::move(port));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return interface_answer(router, stored->row, "");
}

struct Wanted {
  std::string subnet;
  std::string port;
};

std::expected<Wanted, Refusal> read_wanted(const Call& call) {
  if (!call.body.is_object()) return bad_router_request("Either subnet_id or port_id must be specified");
  for (const auto& [key, value] : call.body.items())
    if (key != "subnet_id" && key != "port_id")
      return bad_request("HTTPBadRequest", fmt::format("Unrecognized attribute(s) '{}'", key));
  Wanted wanted{text_at(call.body, "subnet_id"), text_at(call.body, "port_id")};
  for (const auto& [key, id] : {std::pair("subnet_id", &wanted.subnet), std::pair("port_id", &wanted.port)})
    if (!id->empty() && !parse_uuid(*id)) return invalid_input(key, fmt::format("'{}' is not a valid UUID.", *id));
  if (wanted.subnet.empty() && wanted.port.empty())
    return bad_router_request("Either subnet_id or port_id must be specified");
  return wanted;
}

Task<Answered> add(Call& call) {
  auto router = co_await find_router(call, call.in_path("router"));
  if (!router) co_return std::unexpected(std::move(router.error()));
  auto wanted = read_wanted(call);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  if (!wanted->subnet.empty() && !wanted->port.empty())
    co_return bad_router_request("Cannot specify both subnet-id and port-id");
  auto ports = co_await all_stored_ports(call, {}, router->id);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  if (!wanted->subnet.empty()) co_return co_await add_router_subnet(call, *router, *ports, std::move(wanted->subnet));
  co_return co_await add_port(call, *router, *ports, std::move(wanted->port));
}

// A floating IP or a route that goes through it keeps an interface.
Task<Checked> check_unused(Call& call, const StoredObject& router, const FixedIp& fixed) {
  auto subnet = co_await find_stored_subnet(call, fixed.subnet_id);
  if (!subnet) co_return std::unexpected(std::move(subnet.error()));
  std::optional<IpNetwork> network = *subnet ? parse_ip_network((*subnet)->row.cidr) : std::nullopt;
  if (!network) co_return Checked();
  auto floating = co_await floating_ips_of_router(call, router.id);
  if (!floating) co_return std::unexpected(std::move(floating.error()));
  auto of_network = [&](const std::string& text) {
    std::optional<IpAddress> address = parse_ip(text);
    return address && contains(*network, *address);
  };
  for (const StoredObject& one : *floating)
    if (of_network(text_at(one.body, "fixed_ip_address")))
      co_return refused(409,
                        fmt::format("Router interface for subnet {} on router {} cannot be deleted, as it is "
                                    "required by one or more floating IPs.",
                                    to_string(fixed.subnet_id), router.id),
                        "RouterInterfaceInUseByFloatingIP");
  for (const Json& route : value_or(router.body, "routes", Json::array()))
    if (of_network(text_at(route, "nexthop")))
      co_return refused(409,
                        fmt::format("Router interface for subnet {} on router {} cannot be deleted, as it is "
                                    "required by one or more routes.",
                                    to_string(fixed.subnet_id), router.id),
                        "RouterInterfaceInUseByRoute");
  co_return Checked();
}

Task<Answered> remove(Call& call) {
  auto router = co_await find_router(call, call.in_path("router"));
  if (!router) co_return std::unexpected(std::move(router.error()));
  auto wanted = read_wanted(call);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto ports = co_await all_stored_ports(call, {}, router->id);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  auto is_on = [&](const FixedIp& fixed) { return to_string(fixed.subnet_id) == wanted->subnet; };
  auto at = std::ranges::find_if(*ports, [&](const StoredPort& port) {
    bool fits =
        wanted->port.empty() ? std::ranges::any_of(port.row.fixed_ips, is_on) : to_string(port.row.id) == wanted->port;
    return fits && is_interface(port);
  });
  if (at == ports->end())
    co_return refused(404,
                      fmt::format("Router {} does not have an interface with id {}", router->id,
                                  wanted->port.empty() ? wanted->subnet : wanted->port),
                      wanted->port.empty() ? "RouterInterfaceNotFoundForSubnet" : "RouterInterfaceNotFound");
  if (!wanted->subnet.empty() && std::ranges::none_of(at->row.fixed_ips, is_on))
    co_return bad_request("SubnetMismatchForPort",
                          fmt::format("Subnet on port {} does not match the requested subnet {}.",
                                      to_string(at->row.id), wanted->subnet));
  for (const FixedIp& fixed : at->row.fixed_ips)
    if (Checked good = co_await check_unused(call, *router, fixed); !good)
      co_return std::unexpected(std::move(good.error()));
  Answer answer = interface_answer(*router, at->row, wanted->subnet);
  if (!wanted->subnet.empty() && at->row.fixed_ips.size() > 1) {
    StoredPort changed = *at;
    std::erase_if(changed.row.fixed_ips, is_on);
    auto stored = co_await store(call, std::move(changed));
    if (!stored) co_return std::unexpected(std::move(stored.error()));
    co_return answer;
  }
  if (Checked gone = co_await delete_part(call, "port", at->row.id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return answer;
}

// Adds to the routes, or takes from them.
template <bool kAdds>
Task<Answered> change_routes(Call& call) {
  auto router = co_await find_router(call, call.in_path("router"));
  if (!router) co_return std::unexpected(std::move(router.error()));
  const Json* said = member_at(call.body, {"router", "routes"});
  if (said == nullptr || !said->is_array()) co_return invalid_input("routes", "it is not a list.");
  Json routes = value_or(router->body, "routes", Json::array());
  for (const Json& route : *said) {
    auto at = std::ranges::find(routes, route);
    if (kAdds && at == routes.end()) routes.push_back(route);
    if (!kAdds && at != routes.end()) routes.erase(at);
  }
  auto ports = co_await all_stored_ports(call, {}, router->id);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  if (kAdds)
    if (Checked good = co_await check_routes(call, routes, *ports); !good)
      co_return std::unexpected(std::move(good.error()));
  router->body["routes"] = std::move(routes);
  auto stored = co_await put_object(call, kRouters, std::move(*router));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"router", router_view(call, *stored, *ports)}}};
}

Task<Answered> list_agents(Call& call) {
  auto router = co_await find_router(call, call.in_path("router"));
  if (!router) co_return std::unexpected(std::move(router.error()));
  co_return Answer{200, {{"agents", Json::array()}}};
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kMember = UserRole::kMember;

constexpr Route kRoutes[] = {
    {kNeutron, "PUT", "/v2.0/routers/{router}/add_router_interface", kMember, "add_router_interface", &add},
    {kNeutron, "PUT", "/v2.0/routers/{router}/remove_router_interface", kMember, "remove_router_interface", &remove},
    {kNeutron, "PUT", "/v2.0/routers/{router}/add_extraroutes", kMember, "add_extraroutes", &change_routes<true>},
    {kNeutron, "PUT", "/v2.0/routers/{router}/remove_extraroutes", kMember, "remove_extraroutes",
     &change_routes<false>},
    {kNeutron, "GET", "/v2.0/routers/{router}/l3-agents", UserRole::kAdmin, "get_l3-agents", &list_agents},
};

}  // namespace

Task<Answered> add_router_subnet(Call& call, const StoredObject& router, const std::vector<StoredPort>& ports,
                                 std::string subnet_id) {
  auto subnet = co_await find_subnet(call, subnet_id);
  if (!subnet) co_return std::unexpected(std::move(subnet.error()));
  if (subnet->row.gateway.empty()) co_return bad_router_request("Subnet for router interface must have a gateway IP");
  if (Checked good = co_await check_overlap(call, ports, subnet->row); !good)
    co_return std::unexpected(std::move(good.error()));
  FixedIp gateway{subnet->row.id, subnet->row.gateway};
  bool is_6 = subnet->row.gateway.find(':') != std::string::npos;
  // A second IPv6 subnet of a network joins the port of the first.
  auto shared = std::ranges::find_if(ports, [&](const StoredPort& port) {
    return is_6 && is_interface(port) && port.row.network_id == subnet->row.network_id &&
           std::ranges::all_of(port.row.fixed_ips,
                               [](const FixedIp& fixed) { return fixed.ip.find(':') != std::string::npos; });
  });
  std::expected<StoredPort, Refusal> stored = std::unexpected(Refusal{});
  if (shared != ports.end()) {
    StoredPort changed = *shared;
    changed.row.fixed_ips.push_back(std::move(gateway));
    stored = co_await store(call, std::move(changed));
  } else {
    Network network;
    network.id = subnet->row.network_id;
    stored = co_await make_service_port(call, network, std::string(owner_of_interfaces(router)), router.id,
                                        {std::move(gateway)}, parse_uuid(router.owner).value_or(Uuid{}));
  }
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return interface_answer(router, stored->row, subnet_id);
}

std::span<const Route> router_interface_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
