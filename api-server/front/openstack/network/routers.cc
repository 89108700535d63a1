#include "api-server/front/openstack/network/routers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/floating_ips.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/quotas.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/network/routes.h"
#include "domain/ip_address.h"

namespace kilonova::api::openstack {
namespace {

constexpr size_t kMaxRoutes = 30;

constexpr Attribute kAttributes[] = {
    {"name", Form::kText},
    {"description", Form::kText},
    {"admin_state_up", Form::kBoolean},
    {"external_gateway_info", Form::kObjectOrNull},
    {"routes", Form::kListOrNull, When::kUpdate},
    {"availability_zone_hints", Form::kList, When::kCreate},
    {"flavor_id", Form::kUuidOrNull, When::kCreate},
    {"distributed", Form::kBoolean, When::kAlways, false, true},
    {"ha", Form::kBoolean, When::kAlways, false, true},
    {"id", Form::kText, When::kNever},
    {"status", Form::kText, When::kNever},
    {"revision_number", Form::kInteger, When::kNever},
    {"created_at", Form::kText, When::kNever},
    {"updated_at", Form::kText, When::kNever},
};
constexpr ResourceForm kForm{"router", "routers", kAttributes};

struct Gateway {
  StoredNetwork network;
  std::vector<FixedIp> fixed_ips;  // none: drawn
};

Json gateway_view(const StoredObject& router, const std::vector<StoredPort>& ports) {
  auto at = std::ranges::find_if(ports, is_gateway);
  if (at == ports.end()) return nullptr;
  return {{"network_id", to_string(at->row.network_id)},
          {"external_fixed_ips", fixed_ips_view(at->row)},
          {"enable_snat", value_or(router.body, "enable_snat", true)}};
}

Task<Answered> list(Call& call) {
  auto routers = co_await all_objects(call, kRouters, call.is_admin() ? std::string() : to_hex(call.caller.project_id));
  if (!routers) co_return std::unexpected(std::move(routers.error()));
  auto ports = co_await all_stored_ports(call);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  std::map<std::string, std::vector<StoredPort>> by_router;
  for (StoredPort& port : *ports) by_router[port.row.device_id].push_back(std::move(port));
  std::vector<Json> items;
  for (const StoredObject& router : *routers) items.push_back(router_view(call, router, by_router[router.id]));
  co_return neutron_list(
      call, "routers", std::move(items),
      {"id", "name", "tenant_id", "project_id", "admin_state_up", "status", "description", "external_gateway_info",
       "distributed", "ha", "flavor_id", "created_at", "updated_at", "revision_number"});
}

Task<std::expected<Json, Refusal>> whole_view(Call& call, const StoredObject& router) {
  auto ports = co_await all_stored_ports(call, {}, router.id);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  co_return router_view(call, router, *ports);
}

Task<Answered> show(Call& call) {
  auto router = co_await find_router(call, call.in_path("router"));
  if (!router) co_return std::unexpected(std::move(router.error()));
  auto shown = co_await whole_view(call, *router);
  if (!shown) co_return std::unexpected(std::move(shown.error()));
  co_return neutron_item(call, "router", std::move(*shown));
}

// Nothing: the gateway is to be taken away.
Task<std::expected<std::optional<Gateway>, Refusal>> read_gateway(Call& call, const Json& info) {
  if (info.is_null() || info.empty()) co_return std::nullopt;
  for (std::string_view key : {"enable_snat", "external_fixed_ips"})
    if (member(info, key) != nullptr && !call.is_admin())
      co_return not_allowed(fmt::format("update_router:external_gateway_info:{}", key));
  auto network = co_await find_network(call, text_at(info, "network_id"));
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (!is_external(*network))
    co_return bad_request("BadRequest", fmt::format("Bad router request: Network {} is not an external network.",
                                                    to_string(network->row.id)));
  Gateway gateway{std::move(*network), {}};
  if (const Json* said = member(info, "external_fixed_ips"); said != nullptr && said->is_array()) {
    auto fixed_ips = read_fixed_ips(*said);
    if (!fixed_ips) co_return std::unexpected(std::move(fixed_ips.error()));
    gateway.fixed_ips = std::move(*fixed_ips);
  }
  co_return std::optional<Gateway>(std::move(gateway));
}

Task<Checked> clear_gateway(Call& call, const StoredObject& router, const std::vector<StoredPort>& ports) {
  auto at = std::ranges::find_if(ports, is_gateway);
  if (at == ports.end()) co_return Checked();
  auto used = co_await floating_ips_of_router(call, router.id);
  if (!used) co_return std::unexpected(std::move(used.error()));
  if (!used->empty())
    co_return refused(409,
                      fmt::format("Gateway cannot be updated for router {}, since a gateway to external network {} "
                                  "is required by one or more floating IPs.",
                                  router.id, to_string(at->row.network_id)),
                      "RouterExternalGatewayInUseByFloatingIp");
  co_return co_await delete_part(call, "port", at->row.id);
}

Task<Checked> set_gateway(Call& call, const StoredObject& router, const Json& info) {
  auto gateway = co_await read_gateway(call, info);
  if (!gateway) co_return std::unexpected(std::move(gateway.error()));
  auto ports = co_await all_stored_ports(call, {}, router.id);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  auto at = std::ranges::find_if(*ports, is_gateway);
  if (*gateway && at != ports->end() && at->row.network_id == (*gateway)->network.row.id) {
    if ((*gateway)->fixed_ips.empty()) co_return Checked();
    StoredPort changed = *at;
    changed.row.fixed_ips = std::move((*gateway)->fixed_ips);
    auto stored = co_await store(call, std::move(changed));
    if (!stored) co_return std::unexpected(std::move(stored.error()));
    co_return Checked();
  }
  if (auto cleared = co_await clear_gateway(call, router, *ports); !cleared) co_return cleared;
  if (!*gateway) co_return Checked();
  auto made = co_await make_service_port(call, (*gateway)->network.row, "network:router_gateway", router.id,
                                         std::move((*gateway)->fixed_ips));
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return Checked();
}

void merge(const Json& read, Json& body) {
  for (std::string_view key :
       {"name", "description", "admin_state_up", "availability_zone_hints", "flavor_id", "distributed", "ha", "routes"})
    if (const Json* said = member(read, key))
      body[std::string(key)] = key == "routes" && said->is_null() ? Json::array() : *said;
  if (const Json* snat = member_at(read, {"external_gateway_info", "enable_snat"})) body["enable_snat"] = *snat;
}

Task<Answered> create(Call& call) { return create_all(call, kForm, &make_router, &drop_router); }

Task<Answered> update(Call& call) {
  auto wanted = resource_in_body(call, kForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto router = co_await find_router(call, call.in_path("router"));
  if (!router) co_return std::unexpected(std::move(router.error()));
  auto read = read_attributes(call, kForm, **wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  if (auto wrong = check_if_match(call, router->revision)) co_return std::unexpected(std::move(*wrong));
  for (std::string_view key : {"distributed", "ha"}) {
    const Json* said = member(*read, key);
    bool changes = said != nullptr && *said != value_or(router->body, key, false);
    if (changes && value_or(router->body, "admin_state_up", true) == true)
      co_return bad_request("BadRequest", fmt::format("Bad router request: Cannot change the '{}' attribute of active "
                                                      "routers. Please set router admin_state_up to False prior to "
                                                      "upgrade.",
                                                      key));
  }
  if (const Json* routes = member(*read, "routes"); routes != nullptr && routes->is_array()) {
    auto ports = co_await all_stored_ports(call, {}, router->id);
    if (!ports) co_return std::unexpected(std::move(ports.error()));
    if (auto good = co_await check_routes(call, *routes, *ports); !good)
      co_return std::unexpected(std::move(good.error()));
  }
  if (const Json* info = member(*read, "external_gateway_info"))
    if (auto set = co_await set_gateway(call, *router, *info); !set) co_return std::unexpected(std::move(set.error()));
  merge(*read, router->body);
  auto stored = co_await put_object(call, kRouters, std::move(*router));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  auto shown = co_await whole_view(call, *stored);
  if (!shown) co_return std::unexpected(std::move(shown.error()));
  co_return Answer{200, {{"router", std::move(*shown)}}};
}

Task<Answered> remove(Call& call) {
  auto router = co_await find_router(call, call.in_path("router"));
  if (!router) co_return std::unexpected(std::move(router.error()));
  if (auto wrong = check_if_match(call, router->revision)) co_return std::unexpected(std::move(*wrong));
  if (auto gone = co_await drop_router(call, router->id); !gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/routers", UserRole::kReader, "get_router", &list},
    {kNeutron, "POST", "/v2.0/routers", UserRole::kMember, "create_router", &create},
    {kNeutron, "GET", "/v2.0/routers/{router}", UserRole::kReader, "get_router", &show},
    {kNeutron, "PUT", "/v2.0/routers/{router}", UserRole::kMember, "update_router", &update},
    {kNeutron, "DELETE", "/v2.0/routers/{router}", UserRole::kMember, "delete_router", &remove},
};

}  // namespace

bool is_gateway(const StoredPort& port) { return port.row.device_owner == "network:router_gateway"; }
bool is_interface(const StoredPort& port) {
  return port.row.device_owner.starts_with("network:router_interface") ||
         port.row.device_owner == "network:ha_router_replicated_interface";
}

Json router_view(const Call& call, const StoredObject& router, const std::vector<StoredPort>& ports) {
  const Json& body = router.body;
  Json view{{"id", router.id},
            {"name", value_or(body, "name", "")},
            {"tenant_id", router.owner},
            {"admin_state_up", value_or(body, "admin_state_up", true)},
            {"status", "ACTIVE"},
            {"external_gateway_info", gateway_view(router, ports)},
            {"description", value_or(body, "description", "")},
            {"availability_zones", Json::array()}};
  if (call.is_admin()) {
    view["distributed"] = value_or(body, "distributed", false);
    view["ha"] = value_or(body, "ha", false);
  }
  view["availability_zone_hints"] = value_or(body, "availability_zone_hints", Json::array());
  view["routes"] = value_or(body, "routes", Json::array());
  view["flavor_id"] = value_or(body, "flavor_id", nullptr);
  add_standard_tail(view, tags_of(body), router.created_at, router.updated_at, router.revision, router.owner);
  return view;
}

Task<std::expected<StoredObject, Refusal>> find_router(Call& call, std::string id) {
  auto found = co_await find_object(call, kRouters, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  bool is_visible = *found && (call.is_admin() || (*found)->owner == to_hex(call.caller.project_id));
  if (!is_visible) co_return refused(404, fmt::format("Router {} could not be found", id), "RouterNotFound");
  co_return std::move(**found);
}

Task<Checked> check_routes(Call& call, const Json& routes, const std::vector<StoredPort>& ports) {
  if (routes.size() > kMaxRoutes)
    co_return bad_request("RoutesExhausted",
                          "Unable to complete operation: the number of routes exceeds the maximum 30.");
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  auto invalid = [&](std::string_view why) {
    return bad_request("InvalidRoutes", fmt::format("Invalid format for routes: {}, {}", python_repr(routes), why));
  };
  for (const Json& route : routes) {
    std::optional<IpAddress> hop = parse_ip(text_at(route, "nexthop"));
    if (!hop || !parse_ip_network(text_at(route, "destination"))) co_return invalid("it is no list of routes");
    bool is_connected = false, is_own = false;
    for (const StoredPort& port : ports)
      for (const FixedIp& fixed : port.row.fixed_ips) {
        is_own = is_own || parse_ip(fixed.ip) == hop;
        auto at = std::ranges::find_if(*subnets,
                                       [&](const StoredSubnet& subnet) { return subnet.row.id == fixed.subnet_id; });
        std::optional<IpNetwork> network = at == subnets->end() ? std::nullopt : parse_ip_network(at->row.cidr);
        is_connected = is_connected || (network && contains(*network, *hop));
      }
    if (!is_connected) co_return invalid("the nexthop is not connected with router");
    if (is_own) co_return invalid("the nexthop is used by router");
  }
  co_return Checked();
}

Task<std::expected<Json, Refusal>> make_router(Call& call, const Json& wanted) {
  auto read = read_attributes(call, kForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  StoredObject router{.id = new_dashed_id(call), .owner = text_at(*read, "project_id")};
  merge(*read, router.body);
  auto all = co_await all_objects(call, kRouters, router.owner);
  if (!all) co_return std::unexpected(std::move(all.error()));
  Uuid project = parse_uuid(router.owner).value_or(Uuid{});
  if (auto room = co_await check_quota(call, project, "router", static_cast<int64_t>(all->size())); !room)
    co_return std::unexpected(std::move(room.error()));
  if (const Json* info = member(*read, "external_gateway_info"))
    if (auto gateway = co_await read_gateway(call, *info); !gateway)
      co_return std::unexpected(std::move(gateway.error()));
  auto stored = co_await put_object(call, kRouters, std::move(router));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  if (const Json* info = member(*read, "external_gateway_info")) {
    if (auto set = co_await set_gateway(call, *stored, *info); !set) {
      (void)co_await delete_object(call, kRouters, stored->id);
      co_return std::unexpected(std::move(set.error()));
    }
  }
  co_return co_await whole_view(call, *stored);
}

Task<Checked> drop_router(Call& call, const std::string& id) {
  auto ports = co_await all_stored_ports(call, {}, id);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  if (std::ranges::any_of(*ports, is_interface))
    co_return refused(409, fmt::format("Router {} still has ports", id), "RouterInUse");
  for (const StoredPort& port : *ports)
    if (auto gone = co_await delete_part(call, "port", port.row.id); !gone) co_return gone;
  co_return co_await delete_object(call, kRouters, id);
}

std::span<const Route> router_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
