// Neutron: ports.
#include "api-server/front/openstack/network/ports.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/quotas.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/network/security_groups.h"
#include "base/ascii.h"
#include "domain/ip_address.h"

namespace kilonova::api::openstack {
namespace {

constexpr size_t kMaxAddressPairs = 10;

constexpr Attribute kAttributes[] = {
    {"network_id", Form::kUuid, When::kCreate, true},
    {"name", Form::kText},
    {"description", Form::kText},
    {"admin_state_up", Form::kBoolean},
    {"mac_address", Form::kText},
    {"fixed_ips", Form::kList},
    {"device_id", Form::kText},
    {"device_owner", Form::kText},
    {"security_groups", Form::kListOrNull},
    {"port_security_enabled", Form::kBoolean},
    {"allowed_address_pairs", Form::kListOrNull},
    {"extra_dhcp_opts", Form::kListOrNull},
    {"binding:vnic_type", Form::kText},
    {"binding:host_id", Form::kTextOrNull, When::kAlways, false, true},
    {"binding:profile", Form::kObjectOrNull, When::kAlways, false, true},
    {"dns_name", Form::kText},
    {"qos_policy_id", Form::kUuidOrNull},
    {"id", Form::kText, When::kNever},
    {"status", Form::kText, When::kNever},
    {"revision_number", Form::kInteger, When::kNever},
    {"created_at", Form::kText, When::kNever},
    {"updated_at", Form::kText, When::kNever},
};
constexpr ResourceForm kForm{"port", "ports", kAttributes};

// A server's port is up once the server is; one that a client says is on a host is bound there; a router's always is.
std::string_view status_of(const ShownPort& shown, const std::string& host) {
  const std::string& owner = shown.port.row.device_owner;
  if (owner == "network:floatingip") return "N/A";
  if (owner.starts_with("network:router")) return "ACTIVE";
  if (!shown.host.empty()) return shown.is_plugged ? "ACTIVE" : "DOWN";
  return host.empty() ? "DOWN" : "ACTIVE";
}

Json port_view(const ShownPort& shown, const Call& call) {
  const Port& row = shown.port.row;
  const Json& details = shown.port.details;
  std::string project = row.project_id.is_nil() ? std::string() : to_hex(row.project_id);
  std::string host = shown.host.empty() ? text_at(details, "binding:host_id") : shown.host;
  Json groups = value_or(details, "security_groups", Json::array({security_group_id(row.project_id)}));
  Json view{{"id", to_string(row.id)},
            {"name", value_or(details, "name", "")},
            {"network_id", to_string(row.network_id)},
            {"tenant_id", project},
            {"mac_address", to_string(row.mac)},
            {"admin_state_up", value_or(details, "admin_state_up", true)},
            {"status", status_of(shown, host)},
            {"device_id", row.device_id},
            {"device_owner", row.device_owner},
            {"fixed_ips", fixed_ips_view(row)},
            {"allowed_address_pairs", value_or(details, "allowed_address_pairs", Json::array())},
            {"extra_dhcp_opts", value_or(details, "extra_dhcp_opts", Json::array())},
            {"security_groups", std::move(groups)},
            {"description", value_or(details, "description", "")},
            {"binding:vnic_type", value_or(details, "binding:vnic_type", "normal")}};
  if (call.is_admin()) {
    view["binding:profile"] = value_or(details, "binding:profile", Json::object());
    view["binding:host_id"] = host;
    view["binding:vif_type"] = host.empty() ? "unbound" : "bridge";
    view["binding:vif_details"] = host.empty() ? Json::object() : Json{{"port_filter", true}};
  }
  view["port_security_enabled"] = value_or(details, "port_security_enabled", true);
  add_standard_tail(view, tags_of(details), row.created_at, row.updated_at, std::max<uint64_t>(row.revision, 1),
                    project);
  return view;
}

Task<Answered> list(Call& call) {
  std::vector<std::string> devices = call.all_in_query("device_id");
  auto ports = co_await all_ports(call, devices.size() == 1 ? devices.front() : std::string());
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  std::vector<Json> items;
  for (const ShownPort& port : *ports) items.push_back(port_view(port, call));
  co_return neutron_list(call, "ports", std::move(items),
                         {"id", "name", "network_id", "tenant_id", "project_id", "mac_address", "admin_state_up",
                          "status", "device_id", "device_owner", "security_groups", "description", "binding:host_id",
                          "binding:vnic_type", "port_security_enabled", "created_at", "updated_at", "revision_number"});
}

Task<Answered> show(Call& call) {
  auto port = co_await find_port(call, call.in_path("port"));
  if (!port) co_return std::unexpected(std::move(port.error()));
  co_return neutron_item(call, "port", port_view(*port, call));
}

// ---- what a client says

// Without a MAC of its own a pair has the port's.
std::expected<Json, Refusal> address_pairs(const Json& said, Mac mac) {
  Json pairs = Json::array();
  if (said.is_null()) return pairs;
  if (said.size() > kMaxAddressPairs)
    return bad_request("AllowedAddressPairExhausted", "The number of allowed address pair exceeds the maximum 10.");
  std::set<std::pair<std::string, std::string>> seen;
  for (const Json& one : said) {
    std::string ip = text_at(one, "ip_address");
    if (ip.empty()) return bad_request("AllowedAddressPairsMissingIP", "AllowedAddressPair must contain ip_address");
    if (!parse_ip(ip) && !parse_ip_network(ip))
      return invalid_input("allowed_address_pairs", fmt::format("'{}' is not a valid IP address.", ip));
    std::string pair_mac = text_at(one, "mac_address");
    if (!pair_mac.empty() && !parse_mac(pair_mac))
      return invalid_input("allowed_address_pairs", fmt::format("'{}' is not a valid MAC address.", pair_mac));
    if (pair_mac.empty()) pair_mac = to_string(mac);
    if (!seen.emplace(ip, pair_mac).second)
      return bad_request(
          "DuplicateAddressPairInRequest",
          fmt::format("Request contains duplicate address pair: mac_address {} ip_address {}.", pair_mac, ip));
    pairs.push_back({{"mac_address", pair_mac}, {"ip_address", ip}});
  }
  return pairs;
}

// Those that are said replace those of the same name; null takes one away.
std::expected<Json, Refusal> dhcp_options(const Json& said, const Json& before) {
  Json options = before;
  if (said.is_null()) return options;
  for (const Json& one : said) {
    std::string name = text_at(one, "opt_name");
    const Json* value = member(one, "opt_value");
    Json version = value_or(one, "ip_version", 4);
    if (name.empty() || (value != nullptr && !value->is_string() && !value->is_null()))
      return invalid_input("extra_dhcp_opts", fmt::format("{} is no DHCP option.", python_repr(one)));
    Json kept = Json::array();
    for (Json& other : options)
      if (other["opt_name"] != name || other["ip_version"] != version) kept.push_back(std::move(other));
    options = std::move(kept);
    if (value != nullptr && value->is_string())
      options.push_back({{"opt_name", name}, {"opt_value", *value}, {"ip_version", version}});
  }
  return options;
}

Task<Checked> check_groups(Call& call, const Json& groups) {
  for (const Json& group : groups) {
    std::string id = group.is_string() ? group.get<std::string>() : std::string();
    if (!parse_uuid(id))
      co_return invalid_input("security_groups", fmt::format("{} is not a valid UUID.", python_repr(group)));
    if (auto found = co_await find_security_group(call, id); !found)
      co_return std::unexpected(std::move(found.error()));
  }
  co_return Checked();
}

Checked check_security(const Json& details) {
  if (value_or(details, "port_security_enabled", true) != false) return {};
  if (!value_or(details, "security_groups", Json::array()).empty())
    return refused(409, "Port Security must be enabled in order to have Security Groups on a port.",
                   "PortSecurityPortHasSecurityGroup");
  if (!value_or(details, "allowed_address_pairs", Json::array()).empty())
    return refused(409, "Port Security must be enabled in order to have allowed address pairs on a port.",
                   "AddressPairAndPortSecurityRequired");
  return {};
}

// What only the network's owner and administrators may say of a port on it.
Checked check_policy(const Call& call, const Json& read, const Network& network, bool is_new) {
  if (call.is_admin() || network.project_id == call.caller.project_id) return {};
  std::string verb = is_new ? "create_port" : "update_port";
  if (text_at(read, "device_owner").starts_with("network:")) return not_allowed(verb + ":device_owner");
  for (std::string_view key : {"mac_address", "port_security_enabled", "allowed_address_pairs"})
    if (member(read, key) != nullptr) return not_allowed(fmt::format("{}:{}", verb, key));
  for (const Json& fixed : value_or(read, "fixed_ips", Json::array()))
    if (!text_at(fixed, "ip_address").empty()) return not_allowed(verb + ":fixed_ips:ip_address");
  return {};
}

// "AA-BB-CC-DD-EE-01", "aabb.ccdd.ee01" and "aabbccddee01" as "aa:bb:cc:dd:ee:01", as netaddr reads them; other texts as
// they are.
std::string with_colons(const std::string& said) {
  std::string digits = said;
  std::erase_if(digits, [](char c) { return c == '-' || c == '.'; });
  if (digits.size() != 12 || said.find(':') != std::string::npos) return said;
  std::string mac;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i % 2 == 0) mac += ':';
    mac += to_lower(digits[i]);
  }
  return mac;
}

// The row's own members go there, the rest to the details.
Task<Checked> merge(Call& call, const Json& read, bool is_new, StoredPort& port) {
  if (const Json* said = member(read, "mac_address")) {
    std::optional<Mac> mac = parse_mac(with_colons(said->get_ref<const std::string&>()));
    constexpr Mac kNobodys{0}, kEverybodys{0xffff'ffff'ffff};  // neutron_lib's INVALID_MAC_ADDRESSES
    if (!mac || *mac == kNobodys || *mac == kEverybodys)
      co_return invalid_input("mac_address", fmt::format("{} is not a valid MAC address.", python_repr(*said)));
    port.row.mac = *mac;
  }
  if (const Json* said = member(read, "fixed_ips")) {
    auto fixed_ips = read_fixed_ips(*said);
    if (!fixed_ips) co_return std::unexpected(std::move(fixed_ips.error()));
    port.row.fixed_ips = std::move(*fixed_ips);
  }
  if (const Json* said = member(read, "device_id")) port.row.device_id = said->get<std::string>();
  if (const Json* said = member(read, "device_owner")) port.row.device_owner = said->get<std::string>();
  if (const Json* said = member(read, "security_groups"); said != nullptr && said->is_array())
    if (auto good = co_await check_groups(call, *said); !good) co_return good;
  for (std::string_view key : {"name", "description", "admin_state_up", "security_groups", "port_security_enabled",
                               "binding:vnic_type", "binding:host_id", "binding:profile", "dns_name"})
    if (const Json* said = member(read, key)) port.details[std::string(key)] = *said;
  for (std::string_view key : {"binding:host_id", "binding:profile", "security_groups"})
    if (const Json* said = member(port.details, key); said != nullptr && said->is_null())
      port.details[std::string(key)] = key == "binding:host_id"   ? Json("")
                                       : key == "binding:profile" ? Json::object()
                                                                  : Json::array();
  if (const Json* said = member(read, "extra_dhcp_opts")) {
    auto options = dhcp_options(*said, value_or(port.details, "extra_dhcp_opts", Json::array()));
    if (!options) co_return std::unexpected(std::move(options.error()));
    port.details["extra_dhcp_opts"] = std::move(*options);
  }
  if (is_new && member(port.details, "security_groups") == nullptr)
    port.details["security_groups"] = value_or(port.details, "port_security_enabled", true) == true
                                          ? Json::array({security_group_id(port.row.project_id)})
                                          : Json::array();
  co_return Checked();
}

// Pairs without a MAC have that of the port, which has one once it is stored.
Task<std::expected<StoredPort, Refusal>> store_with_pairs(Call& call, StoredPort port, const Json* said, bool draws) {
  if (said == nullptr) {
    if (Checked good = check_security(port.details); !good) co_return std::unexpected(std::move(good.error()));
    co_return co_await store(call, std::move(port), draws);
  }
  auto pairs = address_pairs(*said, port.row.mac);
  if (!pairs) co_return std::unexpected(std::move(pairs.error()));
  port.details["allowed_address_pairs"] = *pairs;
  if (Checked good = check_security(port.details); !good) co_return std::unexpected(std::move(good.error()));
  bool lacks_mac = port.row.mac == Mac{};
  auto stored = co_await store(call, std::move(port), draws);
  if (!stored || !lacks_mac || pairs->empty()) co_return stored;
  stored->details["allowed_address_pairs"] = address_pairs(*said, stored->row.mac).value_or(Json::array());
  co_return co_await store(call, std::move(*stored));
}

Task<std::expected<Json, Refusal>> make(Call& call, const Json& wanted) {
  auto made = co_await make_port(call, wanted, {});
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return port_view({.port = std::move(*made)}, call);
}

Task<Checked> unmake(Call& call, const std::string& id) {
  co_return co_await delete_part(call, "port", parse_uuid(id).value_or(Uuid{}));
}

Task<Answered> create(Call& call) { return create_all(call, kForm, &make, &unmake); }

Task<Answered> update(Call& call) {
  auto wanted = resource_in_body(call, kForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto shown = co_await find_port(call, call.in_path("port"));
  if (!shown) co_return std::unexpected(std::move(shown.error()));
  StoredPort& port = shown->port;
  auto read = read_attributes(call, kForm, **wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  auto network = co_await find_network(call, to_string(port.row.network_id));
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (!call.is_admin() && member(*read, "mac_address") != nullptr) co_return not_allowed("update_port:mac_address");
  if (Checked good = check_policy(call, *read, network->row, false); !good)
    co_return std::unexpected(std::move(good.error()));
  if (auto wrong = check_if_match(call, std::max<uint64_t>(port.row.revision, 1)))
    co_return std::unexpected(std::move(*wrong));
  if (Checked good = co_await merge(call, *read, false, port); !good)
    co_return std::unexpected(std::move(good.error()));
  auto stored = co_await store_with_pairs(call, std::move(port), member(*read, "allowed_address_pairs"), false);
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  shown->port = std::move(*stored);
  co_return Answer{200, {{"port", port_view(*shown, call)}}};
}

Task<Answered> remove(Call& call) {
  auto shown = co_await find_port(call, call.in_path("port"));
  if (!shown) co_return std::unexpected(std::move(shown.error()));
  const Port& row = shown->port.row;
  std::string id = to_string(row.id);
  if (auto wrong = check_if_match(call, std::max<uint64_t>(row.revision, 1)))
    co_return std::unexpected(std::move(*wrong));
  if (row.device_owner.starts_with("network:") && row.device_owner != "network:dhcp")
    co_return refused(
        409,
        fmt::format("Port {} cannot be deleted directly via the port API: has device owner {}.", id, row.device_owner),
        "ServicePortInUse");
  if (shown->is_bare_nic)
    co_return refused(409,
                      fmt::format("Unable to complete operation on port {} for network {}. Port already has an "
                                  "attached device {}.",
                                  id, to_string(row.network_id), row.device_id),
                      "PortInUse");
  if (auto gone = co_await delete_part(call, "port", row.id); !gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/ports", UserRole::kReader, "get_port", &list},
    {kNeutron, "POST", "/v2.0/ports", UserRole::kMember, "create_port", &create},
    {kNeutron, "GET", "/v2.0/ports/{port}", UserRole::kReader, "get_port", &show},
    {kNeutron, "PUT", "/v2.0/ports/{port}", UserRole::kMember, "update_port", &update},
    {kNeutron, "DELETE", "/v2.0/ports/{port}", UserRole::kMember, "delete_port", &remove},
};

}  // namespace

Task<std::expected<StoredPort, Refusal>> make_port(Call& call, const Json& wanted, PortPart part) {
  auto read = read_attributes(call, kForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  auto network = co_await find_network(call, text_at(*read, "network_id"));
  if (!network) co_return std::unexpected(std::move(network.error()));
  bool is_own = call.is_admin() || network->row.project_id == call.caller.project_id;
  if (!is_own && !network->row.shared && !is_shared_with_caller(call, network->details))
    co_return not_allowed("create_port");
  if (Checked good = check_policy(call, *read, network->row, true); !good)
    co_return std::unexpected(std::move(good.error()));
  StoredPort port;
  port.row.id = part.id.is_nil() ? call.core.new_uuid() : part.id;
  port.details = std::move(part.details);
  port.row.network_id = network->row.id;
  port.row.project_id = parse_uuid(text_at(*read, "project_id")).value_or(Uuid{});
  if (const Json* security = member(network->details, "port_security_enabled"))
    port.details["port_security_enabled"] = *security;
  if (Checked good = co_await merge(call, *read, true, port); !good) co_return std::unexpected(std::move(good.error()));
  auto all = co_await all_stored_ports(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  auto own =
      std::ranges::count_if(*all, [&](const StoredPort& one) { return one.row.project_id == port.row.project_id; });
  if (auto room = co_await check_quota(call, port.row.project_id, "port", own); !room)
    co_return std::unexpected(std::move(room.error()));
  bool draws = member(*read, "fixed_ips") == nullptr;
  co_return co_await store_with_pairs(call, std::move(port), member(*read, "allowed_address_pairs"), draws);
}

std::span<const Route> port_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
