// Nova: floating addresses, which Neutron has: the proxies os-floating-ips and os-floating-ip-pools to 2.35, and the
// actions addFloatingIp and removeFloatingIp to 2.43.
#include "api-server/front/openstack/network/floating_ips.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "api-server/front/openstack/compute/address_rule.h"
#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_action_bodies.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/schema.h"

namespace kilonova::api::openstack {
namespace {

constexpr Minor kLast = 35;
constexpr std::string_view kPoolUnlessSaid = "public";

using Names = std::map<std::string, std::string>;  // of networks, by id

Task<std::expected<Names, Refusal>> network_names(Call& call) {
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  Names names;
  for (const StoredNetwork& network : *networks)
    names[to_string(network.row.id)] = network.row.name.empty() ? to_string(network.row.id) : network.row.name;
  co_return names;
}

Json or_null_at(const Json& object, std::string_view key) {
  std::string text = text_at(object, key);
  return text.empty() ? Json(nullptr) : Json(std::move(text));
}

// `floating`: as Neutron shows it.
Json proxy_view(const Json& floating, const Names& names) {
  auto pool = names.find(text_at(floating, "floating_network_id"));
  const Json* port = member(floating, "port_details");
  return {{"id", floating["id"]},
          {"ip", floating["floating_ip_address"]},
          {"pool", pool == names.end() ? text_at(floating, "floating_network_id") : pool->second},
          {"fixed_ip", or_null_at(floating, "fixed_ip_address")},
          {"instance_id", port == nullptr || port->is_null() ? Json(nullptr) : or_null_at(*port, "device_id")}};
}

Task<std::expected<std::vector<Json>, Refusal>> of_project(Call& call) {
  auto all = co_await all_floating_ips(call);
  if (all)
    std::erase_if(*all, [&](const Json& one) { return text_at(one, "tenant_id") != to_hex(call.caller.project_id); });
  co_return all;
}

Task<Answered> list(Call& call) {
  auto floating = co_await of_project(call);
  if (!floating) co_return std::unexpected(std::move(floating.error()));
  auto names = co_await network_names(call);
  if (!names) co_return std::unexpected(std::move(names.error()));
  Json items = Json::array();
  for (const Json& one : *floating) items.push_back(proxy_view(one, *names));
  co_return Answer{200, {{"floating_ips", std::move(items)}}};
}

Task<std::expected<Json, Refusal>> find_by_id(Call& call) {
  const std::string& id = call.in_path("id");
  auto all = co_await all_floating_ips(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  for (Json& one : *all)
    if (text_at(one, "id") == id) co_return std::move(one);
  co_return refused(404, fmt::format("Floating IP not found for ID {}", id));
}

Task<Answered> show(Call& call) {
  auto floating = co_await find_by_id(call);
  if (!floating) co_return std::unexpected(std::move(floating.error()));
  auto names = co_await network_names(call);
  if (!names) co_return std::unexpected(std::move(names.error()));
  co_return Answer{200, {{"floating_ip", proxy_view(*floating, *names)}}};
}

Task<Answered> create(Call& call) {
  std::string pool = call.body.is_object() ? text_at(call.body, "pool") : std::string();
  std::string said = pool;
  if (pool.empty()) pool = kPoolUnlessSaid;
  auto networks = co_await visible_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  auto network = std::ranges::find_if(*networks, [&](const StoredNetwork& one) {
    return is_external(one) && (one.row.name == pool || to_string(one.row.id) == pool);
  });
  if (network == networks->end()) co_return refused(404, "Floating IP pool not found.");
  auto made = co_await make_floating_ip(call, {{"floating_network_id", to_string(network->row.id)}});
  if (!made && made.error().type == "IpAddressGenerationFailure")
    co_return refused(
        404, said.empty() ? "No more floating IPs available." : fmt::format("No more floating IPs in pool {}.", said));
  if (!made && made.error().type == "OverQuota")
    co_return refused(
        403, said.empty() ? "IP allocation over quota." : fmt::format("IP allocation over quota in pool {}.", said));
  if (!made) co_return refused(made.error().status, std::move(made.error().message));
  Names names{{to_string(network->row.id), network->row.name}};
  co_return Answer{200, {{"floating_ip", proxy_view(*made, names)}}};
}

Task<Answered> remove(Call& call) {
  auto floating = co_await find_by_id(call);
  if (!floating) co_return std::unexpected(std::move(floating.error()));
  if (auto gone = co_await delete_floating_ip(call, text_at(*floating, "id")); !gone)
    co_return refused(gone.error().status, std::move(gone.error().message));
  co_return Answer{202, nullptr};
}

Task<Answered> list_pools(Call& call) {
  auto networks = co_await visible_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  Json pools = Json::array();
  for (const StoredNetwork& network : *networks)
    if (is_external(network))
      pools.push_back({{"name", network.row.name.empty() ? to_string(network.row.id) : network.row.name}});
  co_return Answer{200, {{"floating_ip_pools", std::move(pools)}}};
}

// ---- actions

// The caller's, by its address. Null where there is none.
Task<std::expected<Json, Refusal>> find_by_address(Call& call, std::string address) {
  auto all = co_await all_floating_ips(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  for (Json& one : *all)
    if (text_at(one, "floating_ip_address") == address) co_return std::move(one);
  co_return Json(nullptr);
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-floating-ip-pools", kReader, "os_compute_api:os-floating-ip-pools", &list_pools,
     kFirstMinor, kLast},
    {kNova, "GET", "/v2.1/os-floating-ips", kReader, "os_compute_api:os-floating-ips:list", &list, kFirstMinor, kLast},
    {kNova, "POST", "/v2.1/os-floating-ips", kMember, "os_compute_api:os-floating-ips:create", &create, kFirstMinor,
     kLast},
    {kNova, "GET", "/v2.1/os-floating-ips/{id}", kReader, "os_compute_api:os-floating-ips:show", &show, kFirstMinor,
     kLast},
    {kNova, "DELETE", "/v2.1/os-floating-ips/{id}", kMember, "os_compute_api:os-floating-ips:delete", &remove,
     kFirstMinor, kLast},
};

}  // namespace

Task<Answered> add_floating_ip(Call& call) {
  static const Rule rule =
      body_of("addFloatingIp", object({{"address", address_rule(), true}, {"fixed_address", address_rule()}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = call.body["addFloatingIp"];
  const std::string address = address_at(wanted, "address");
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const std::string id = to_string(server->uuid);
  auto ports = co_await ports_of_server(call, *server);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  if (ports->empty()) co_return refused(400, "Instance network is not ready yet");
  std::string fixed = address_at(wanted, "fixed_address");
  std::string port_id;
  bool has_any = false;
  for (const ShownPort& port : *ports)
    for (const FixedIp& one : port.port.row.fixed_ips) {
      has_any = true;
      bool is_it = fixed.empty() ? parse_ipv4(one.ip).has_value() : one.ip == fixed;
      if (!is_it || !port_id.empty()) continue;
      port_id = to_string(port.port.row.id);
      fixed = one.ip;
    }
  if (!has_any) co_return refused(400, "No fixed IPs associated to instance");
  if (port_id.empty() && !fixed.empty()) co_return refused(400, "Specified fixed address not assigned to instance");
  if (port_id.empty())
    co_return refused(400,
                      fmt::format("Unable to associate floating IP {} to any fixed IPs for instance {}. Instance has "
                                  "no fixed IPv4 addresses to associate.",
                                  address, id));
  auto floating = co_await find_by_address(call, address);
  if (!floating) co_return std::unexpected(std::move(floating.error()));
  if (floating->is_null()) co_return refused(404, "floating IP not found");
  Json change{{"port_id", port_id}, {"fixed_ip_address", fixed}};
  auto changed = co_await change_floating_ip(call, text_at(*floating, "id"), change);
  if (changed) co_return Answer{202, nullptr};
  if (changed.error().status == 409 || changed.error().status == 403)
    co_return refused(changed.error().status == 409 ? 400 : 403, std::move(changed.error().message));
  co_return refused(400, fmt::format("Unable to associate floating IP {} to fixed IP {} for instance {}. Error: {}",
                                     address, fixed, id, changed.error().message));
}

Task<Answered> remove_floating_ip(Call& call) {
  static const Rule rule = body_of("removeFloatingIp", object({{"address", address_rule(), true}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const std::string address = address_at(call.body["removeFloatingIp"], "address");
  auto floating = co_await find_by_address(call, address);
  if (!floating) co_return std::unexpected(std::move(floating.error()));
  if (floating->is_null()) co_return refused(404, fmt::format("Floating IP not found for address {}.", address));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const Json* port = member(*floating, "port_details");
  const std::string id = to_string(server->uuid);
  if (port == nullptr || port->is_null() || text_at(*port, "device_id") != id)
    co_return refused(409, fmt::format("Floating IP {} is not associated with instance {}.", address, id));
  auto changed = co_await change_floating_ip(call, text_at(*floating, "id"), {{"port_id", nullptr}});
  if (!changed) co_return refused(changed.error().status, std::move(changed.error().message));
  co_return Answer{202, nullptr};
}

std::span<const Route> compute_floating_ip_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
