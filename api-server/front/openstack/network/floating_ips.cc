#include "api-server/front/openstack/network/floating_ips.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/quotas.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/network/routers.h"
#include "api-server/front/openstack/network/routes.h"
#include "domain/ip_address.h"

namespace kilonova::api::openstack {
namespace {

constexpr Attribute kAttributes[] = {
    {"floating_network_id", Form::kUuid, When::kCreate, true},
    {"port_id", Form::kUuidOrNull},
    {"fixed_ip_address", Form::kTextOrNull},
    {"floating_ip_address", Form::kTextOrNull, When::kCreate, false, true},
    {"subnet_id", Form::kUuidOrNull, When::kCreate},
    {"description", Form::kText},
    {"id", Form::kText, When::kNever},
    {"status", Form::kText, When::kNever},
    {"router_id", Form::kUuidOrNull, When::kNever},
    {"revision_number", Form::kInteger, When::kNever},
    {"created_at", Form::kText, When::kNever},
    {"updated_at", Form::kText, When::kNever},
};
constexpr std::string_view kGoesWithPort = "goes_with_port";  // in a record
constexpr ResourceForm kForm{"floatingip", "floatingips", kAttributes};

Json port_details(const ShownPort& port) {
  const Port& row = port.port.row;
  return {{"name", value_or(port.port.details, "name", "")},
          {"network_id", to_string(row.network_id)},
          {"mac_address", to_string(row.mac)},
          {"admin_state_up", value_or(port.port.details, "admin_state_up", true)},
          {"status", port.host.empty() ? "DOWN" : "ACTIVE"},
          {"device_id", row.device_id},
          {"device_owner", row.device_owner}};
}

bool is_made_for_a_port(const StoredObject& floating) { return value_or(floating.body, kGoesWithPort, false) == true; }

// The inner port, if it is still there with the address.
const ShownPort* port_of(const StoredObject& floating, const std::vector<ShownPort>& ports) {
  std::optional<Uuid> id = parse_uuid(text_at(floating.body, "port_id"));
  if (!id) return nullptr;
  auto at = std::ranges::find_if(ports, [&](const ShownPort& port) { return port.port.row.id == *id; });
  if (at == ports.end()) return nullptr;
  std::string fixed = text_at(floating.body, "fixed_ip_address");
  bool has_it = std::ranges::find(at->port.row.fixed_ips, fixed, &FixedIp::ip) != at->port.row.fixed_ips.end();
  return has_it ? &*at : nullptr;
}

Json floating_ip_view(const StoredObject& floating, const std::vector<ShownPort>& ports) {
  const Json& body = floating.body;
  const ShownPort* port = port_of(floating, ports);
  auto of_port = [&](std::string_view key) { return port == nullptr ? Json(nullptr) : value_or(body, key, nullptr); };
  Json view{{"id", floating.id},
            {"tenant_id", floating.owner},
            {"floating_ip_address", value_or(body, "floating_ip_address", nullptr)},
            {"floating_network_id", value_or(body, "floating_network_id", nullptr)},
            {"router_id", of_port("router_id")},
            {"port_id", of_port("port_id")},
            {"fixed_ip_address", of_port("fixed_ip_address")},
            {"status", port == nullptr ? "DOWN" : "ACTIVE"},
            {"description", value_or(body, "description", "")},
            {"port_details", port == nullptr ? Json(nullptr) : port_details(*port)}};
  add_standard_tail(view, tags_of(body), floating.created_at, floating.updated_at, floating.revision, floating.owner);
  return view;
}

// The record first: an address without one is only held too long, a record without its address would be a lie.
Task<Checked> drop(Call& call, const std::string& id) {
  if (auto gone = co_await delete_object(call, kFloatingIps, id); !gone) co_return gone;
  auto ports = co_await all_stored_ports(call, {}, id);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  for (const StoredPort& port : *ports)
    if (auto freed = co_await delete_part(call, "port", port.row.id); !freed) co_return freed;
  co_return Checked();
}

// Whether it was made for a port of a launch, which is gone.
Task<std::expected<bool, Refusal>> is_over(Call& call, const StoredObject& floating) {
  if (!is_made_for_a_port(floating)) co_return false;
  auto port = co_await find_stored_port(call, parse_uuid(text_at(floating.body, "port_id")).value_or(Uuid{}));
  if (!port) co_return std::unexpected(std::move(port.error()));
  co_return !port->has_value();
}

// Without those that are over, which go.
Task<Checked> sweep(Call& call, std::vector<StoredObject>& records) {
  std::vector<StoredObject> kept;
  for (StoredObject& record : records) {
    auto over = co_await is_over(call, record);
    if (!over) co_return std::unexpected(std::move(over.error()));
    if (!*over) {
      kept.push_back(std::move(record));
      continue;
    }
    // Another request may be faster.
    if (auto gone = co_await drop(call, record.id); !gone && gone.error().status != 404) co_return gone;
  }
  records = std::move(kept);
  co_return Checked();
}

// `owner`: "" = anybody's.
Task<std::expected<std::vector<StoredObject>, Refusal>> records_of(Call& call, std::string owner) {
  auto records = co_await all_objects(call, kFloatingIps, std::move(owner));
  if (!records) co_return records;
  if (auto swept = co_await sweep(call, *records); !swept) co_return std::unexpected(std::move(swept.error()));
  co_return records;
}

Task<std::expected<std::vector<StoredObject>, Refusal>> own_records(Call& call) {
  co_return co_await records_of(call, call.is_admin() ? std::string() : to_hex(call.caller.project_id));
}

Task<std::expected<StoredObject, Refusal>> find(Call& call, std::string id) {
  auto found = co_await find_object(call, kFloatingIps, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  bool is_visible = *found && (call.is_admin() || (*found)->owner == to_hex(call.caller.project_id));
  if (is_visible) {
    auto over = co_await is_over(call, **found);
    if (!over) co_return std::unexpected(std::move(over.error()));
    is_visible = !*over;
  }
  if (!is_visible) co_return refused(404, fmt::format("Floating IP {} could not be found", id), "FloatingIPNotFound");
  co_return std::move(**found);
}

Task<std::expected<Json, Refusal>> whole_view(Call& call, const StoredObject& floating) {
  auto ports = co_await all_ports(call);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  co_return floating_ip_view(floating, *ports);
}

Task<Answered> list(Call& call) {
  auto items = co_await all_floating_ips(call);
  if (!items) co_return std::unexpected(std::move(items.error()));
  co_return neutron_list(
      call, "floatingips", std::move(*items),
      {"id", "floating_network_id", "floating_ip_address", "fixed_ip_address", "port_id", "router_id", "status",
       "tenant_id", "project_id", "description", "created_at", "updated_at", "revision_number"});
}

Task<Answered> show(Call& call) {
  auto floating = co_await find(call, call.in_path("floatingip"));
  if (!floating) co_return std::unexpected(std::move(floating.error()));
  auto shown = co_await whole_view(call, *floating);
  if (!shown) co_return std::unexpected(std::move(shown.error()));
  co_return neutron_item(call, "floatingip", std::move(*shown));
}

// ---- association

// The port's address that it leads to: the one asked for, or the only IPv4 one.
std::expected<FixedIp, Refusal> inner_address(const Port& port, const std::string& wanted) {
  std::string id = to_string(port.id);
  auto bad = [](std::string why) { return bad_request("BadRequest", fmt::format("Bad floatingip request: {}.", why)); };
  if (!wanted.empty()) {
    auto at = std::ranges::find(port.fixed_ips, wanted, &FixedIp::ip);
    if (at == port.fixed_ips.end()) return bad(fmt::format("Port {} does not have fixed ip {}", id, wanted));
    return *at;
  }
  std::vector<FixedIp> addresses;
  for (const FixedIp& fixed : port.fixed_ips)
    if (parse_ipv4(fixed.ip)) addresses.push_back(fixed);
  if (addresses.empty())
    return bad(fmt::format("Cannot add floating IP to port {} that has no fixed IPv4 addresses", id));
  if (addresses.size() > 1)
    return bad(
        fmt::format("Port {} has multiple fixed IPv4 addresses. Must provide a specific IPv4 address when "
                    "assigning a floating IP",
                    id));
  return addresses.front();
}

// The id of the router that connects the subnet with the external network. A network that everybody may use needs none:
// the cloud's own private one is connected from its beginning, as DevStack's is.
Task<std::expected<Json, Refusal>> router_between(Call& call, const Port& port, FixedIp inner, std::string external) {
  auto ports = co_await all_stored_ports(call);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  for (const StoredPort& interface : *ports) {
    bool is_on = is_interface(interface) && std::ranges::find(interface.row.fixed_ips, inner.subnet_id,
                                                              &FixedIp::subnet_id) != interface.row.fixed_ips.end();
    if (!is_on) continue;
    for (const StoredPort& gateway : *ports)
      if (is_gateway(gateway) && gateway.row.device_id == interface.row.device_id &&
          to_string(gateway.row.network_id) == external)
        co_return Json(gateway.row.device_id);
  }
  auto network = co_await find_stored_network(call, port.network_id);
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (*network && (*network)->row.shared) co_return Json(nullptr);
  co_return refused(404,
                    fmt::format("External network {} is not reachable from subnet {}.  Therefore, cannot associate "
                                "Port {} with a Floating IP.",
                                external, to_string(inner.subnet_id), to_string(port.id)),
                    "ExternalGatewayForFloatingIPNotFound");
}

Task<Checked> associate(Call& call, const Json& read, StoredObject& floating) {
  const Json* port_said = member(read, "port_id");
  std::string fixed = text_at(read, "fixed_ip_address");
  if (port_said == nullptr) {
    if (!fixed.empty())
      co_return bad_request("BadRequest",
                            "Bad floatingip request: fixed_ip_address cannot be specified without a port_id.");
    co_return Checked();
  }
  for (std::string_view key : {"port_id", "fixed_ip_address", "router_id"}) floating.body[std::string(key)] = nullptr;
  floating.body.erase(std::string(kGoesWithPort));
  if (port_said->is_null()) co_return Checked();
  std::string port_id = port_said->get<std::string>();
  auto port = co_await find_port(call, port_id);
  if (!port) co_return std::unexpected(std::move(port.error()));
  auto inner = inner_address(port->port.row, fixed);
  if (!inner) co_return std::unexpected(std::move(inner.error()));
  auto router = co_await router_between(call, port->port.row, *inner, text_at(floating.body, "floating_network_id"));
  if (!router) co_return std::unexpected(std::move(router.error()));
  auto all = co_await all_objects(call, kFloatingIps);
  if (!all) co_return std::unexpected(std::move(all.error()));
  for (const StoredObject& other : *all)
    if (other.id != floating.id && text_at(other.body, "port_id") == port_id &&
        text_at(other.body, "fixed_ip_address") == inner->ip &&
        text_at(other.body, "floating_network_id") == text_at(floating.body, "floating_network_id"))
      co_return refused(409,
                        fmt::format("Cannot associate floating IP {} ({}) with port {} using fixed IP {}, as that "
                                    "fixed IP already has a floating IP on external network {}.",
                                    text_at(floating.body, "floating_ip_address"), floating.id, port_id, inner->ip,
                                    text_at(floating.body, "floating_network_id")),
                        "FloatingIPPortAlreadyAssociated");
  floating.body["port_id"] = port_id;
  floating.body["fixed_ip_address"] = inner->ip;
  floating.body["router_id"] = *router;
  co_return Checked();
}

// ---- changes

// Where on the external network its address is to be: as asked for, or of an IPv4 subnet.
std::expected<std::vector<std::vector<FixedIp>>, Refusal> outer_choices(const Json& read,
                                                                        const StoredNetwork& network) {
  FixedIp wanted;
  wanted.subnet_id = parse_uuid(text_at(read, "subnet_id")).value_or(Uuid{});
  if (std::string text = text_at(read, "floating_ip_address"); !text.empty()) {
    std::optional<IpAddress> address = parse_ip(text);
    if (!address || address->version != 4)
      return invalid_input("floating_ip_address", fmt::format("'{}' is not a valid IPv4 address.", text));
    wanted.ip = to_string(*address);
  }
  std::vector<std::vector<FixedIp>> choices;
  if (!wanted.ip.empty() || !wanted.subnet_id.is_nil()) {
    choices.emplace_back(1, std::move(wanted));
    return choices;
  }
  for (const Subnet& subnet : network.subnets)
    if (parse_ip_network(subnet.cidr).value_or(IpNetwork{}).base.version == 4)
      choices.emplace_back(1, FixedIp{subnet.id, ""});
  if (choices.empty())
    return bad_request("BadRequest", fmt::format("Bad floatingip request: Network {} does not contain any IPv4 subnet.",
                                                 to_string(network.row.id)));
  return choices;
}

Task<std::expected<StoredPort, Refusal>> take_outer_port(Call& call, const Json& read, const StoredNetwork& network,
                                                         std::string floating) {
  auto choices = outer_choices(read, network);
  if (!choices) co_return std::unexpected(std::move(choices.error()));
  std::expected<StoredPort, Refusal> port = std::unexpected(Refusal{});
  for (std::vector<FixedIp>& choice : *choices) {
    port = co_await make_service_port(call, network.row, "network:floatingip", floating, std::move(choice));
    if (port || port.error().type != "IpAddressGenerationFailure") break;
  }
  co_return port;
}

Task<std::expected<Json, Refusal>> make_one(Call& call, const Json& wanted, bool goes_with_port) {
  auto read = read_attributes(call, kForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  auto network = co_await find_network(call, text_at(*read, "floating_network_id"));
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (!is_external(*network))
    co_return bad_request(
        "BadRequest",
        fmt::format("Bad floatingip request: Network {} is not a valid external network.", to_string(network->row.id)));
  StoredObject floating{.id = new_dashed_id(call), .owner = text_at(*read, "project_id")};
  auto all = co_await records_of(call, floating.owner);
  if (!all) co_return std::unexpected(std::move(all.error()));
  if (auto room = co_await check_quota(call, parse_uuid(floating.owner).value_or(Uuid{}), "floatingip",
                                       static_cast<int64_t>(all->size()));
      !room)
    co_return std::unexpected(std::move(room.error()));
  floating.body["description"] = text_at(*read, "description");
  floating.body["floating_network_id"] = to_string(network->row.id);
  if (auto good = co_await associate(call, *read, floating); !good) co_return std::unexpected(std::move(good.error()));
  if (goes_with_port) floating.body[std::string(kGoesWithPort)] = true;
  auto port = co_await take_outer_port(call, *read, *network, floating.id);
  // Others may hold addresses that nobody looked for since their servers went.
  if (!port && port.error().type == "IpAddressGenerationFailure") {
    if (auto others = co_await records_of(call, ""); !others) co_return std::unexpected(std::move(others.error()));
    port = co_await take_outer_port(call, *read, *network, floating.id);
  }
  if (!port) co_return std::unexpected(std::move(port.error()));
  floating.body["floating_ip_address"] = port->row.fixed_ips.empty() ? Json(nullptr) : Json(port->row.fixed_ips[0].ip);
  Uuid outer = port->row.id;
  auto stored = co_await put_object(call, kFloatingIps, std::move(floating));
  if (!stored) {
    (void)co_await delete_part(call, "port", outer);
    co_return std::unexpected(std::move(stored.error()));
  }
  co_return co_await whole_view(call, *stored);
}

Task<std::expected<Json, Refusal>> make(Call& call, const Json& wanted) { return make_one(call, wanted, false); }

Task<Answered> create(Call& call) { return create_all(call, kForm, &make, &drop); }

Task<Answered> update(Call& call) {
  auto wanted = resource_in_body(call, kForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto shown = co_await change_floating_ip(call, call.in_path("floatingip"), **wanted);
  if (!shown) co_return std::unexpected(std::move(shown.error()));
  co_return Answer{200, {{"floatingip", std::move(*shown)}}};
}

Task<Answered> remove(Call& call) {
  auto floating = co_await find(call, call.in_path("floatingip"));
  if (!floating) co_return std::unexpected(std::move(floating.error()));
  if (auto wrong = check_if_match(call, floating->revision)) co_return std::unexpected(std::move(*wrong));
  if (auto gone = co_await drop(call, floating->id); !gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> list_pools(Call& call) {
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  Json pools = Json::array();
  for (const StoredNetwork& network : *networks)
    for (const Subnet& subnet : network.subnets)
      if (is_external_to_caller(call, network))
        pools.push_back({{"network_id", to_string(network.row.id)},
                         {"network_name", network.row.name},
                         {"subnet_id", to_string(subnet.id)},
                         {"subnet_name", network.row.name + "-subnet"},
                         {"cidr", subnet.cidr},
                         {"tenant_id", to_hex(call.caller.project_id)},
                         {"project_id", to_hex(call.caller.project_id)}});
  co_return Answer{200, {{"floatingip_pools", std::move(pools)}}};
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/floatingips", kReader, "get_floatingip", &list},
    {kNeutron, "POST", "/v2.0/floatingips", kMember, "create_floatingip", &create},
    {kNeutron, "GET", "/v2.0/floatingips/{floatingip}", kReader, "get_floatingip", &show},
    {kNeutron, "PUT", "/v2.0/floatingips/{floatingip}", kMember, "update_floatingip", &update},
    {kNeutron, "DELETE", "/v2.0/floatingips/{floatingip}", kMember, "delete_floatingip", &remove},
    {kNeutron, "GET", "/v2.0/floatingip_pools", kReader, "get_floatingip_pool", &list_pools},
};

}  // namespace

Task<std::expected<std::vector<StoredObject>, Refusal>> floating_ips_of_router(Call& call, std::string router) {
  auto all = co_await all_objects(call, kFloatingIps);
  if (!all) co_return std::unexpected(std::move(all.error()));
  std::vector<StoredObject> through;
  for (StoredObject& floating : *all) {
    if (text_at(floating.body, "router_id") != router) continue;
    auto port = co_await find_port(call, text_at(floating.body, "port_id"));
    if (port) through.push_back(std::move(floating));
  }
  co_return through;
}

Task<Checked> delete_free_floating_ips(Call& call, Uuid network) {
  auto all = co_await all_objects(call, kFloatingIps);
  if (!all) co_return std::unexpected(std::move(all.error()));
  auto ports = co_await all_ports(call);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  for (const StoredObject& floating : *all) {
    if (text_at(floating.body, "floating_network_id") != to_string(network)) continue;
    if (port_of(floating, *ports) != nullptr) continue;
    if (auto gone = co_await drop(call, floating.id); !gone && gone.error().status != 404) co_return gone;
  }
  co_return Checked();
}

Task<std::expected<std::vector<StoredObject>, Refusal>> floating_ip_records(Call& call) {
  co_return co_await own_records(call);
}

Task<std::expected<std::vector<Json>, Refusal>> all_floating_ips(Call& call) {
  auto records = co_await own_records(call);
  if (!records) co_return std::unexpected(std::move(records.error()));
  std::vector<Json> items;
  if (records->empty()) co_return items;
  auto ports = co_await all_ports(call);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  for (const StoredObject& floating : *records) items.push_back(floating_ip_view(floating, *ports));
  co_return items;
}

Task<std::expected<Json, Refusal>> change_floating_ip(Call& call, std::string id, const Json& wanted) {
  auto floating = co_await find(call, std::move(id));
  if (!floating) co_return std::unexpected(std::move(floating.error()));
  auto read = read_attributes(call, kForm, wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  if (auto wrong = check_if_match(call, floating->revision)) co_return std::unexpected(std::move(*wrong));
  if (auto good = co_await associate(call, *read, *floating); !good) co_return std::unexpected(std::move(good.error()));
  if (const Json* said = member(*read, "description")) floating->body["description"] = *said;
  auto stored = co_await put_object(call, kFloatingIps, std::move(*floating));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return co_await whole_view(call, *stored);
}

Task<std::expected<Json, Refusal>> make_floating_ip(Call& call, const Json& wanted, bool goes_with_port) {
  return make_one(call, wanted, goes_with_port);
}

Task<Checked> delete_floating_ip(Call& call, std::string id) { co_return co_await drop(call, id); }

std::span<const Route> floating_ip_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
