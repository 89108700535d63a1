#include "api-server/front/openstack/compute/server_networks.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api-server/front/openstack/network/floating_ips.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/security_groups.h"
#include "domain/ip_address.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kDefault = "default";

const StoredPort* port_of(const Address& address, const ServerNetworks& networks) {
  auto at = networks.ports.find({address.network_id, address.mac});
  return at == networks.ports.end() ? nullptr : &at->second;
}

std::string id_of_port(const Instance& server, const Address& address, const StoredPort* port) {
  return port == nullptr ? port_id(server.uuid, address.nic) : to_string(port->row.id);
}

std::vector<std::string> fixed_addresses(const Address& address, const StoredPort* port) {
  std::vector<std::string> texts;
  if (port == nullptr && address.ip != Ipv4{}) texts.push_back(to_string(address.ip));
  if (port == nullptr) return texts;
  for (const FixedIp& fixed : port->row.fixed_ips) texts.push_back(fixed.ip);
  return texts;
}

Json one_address(const std::string& text, const Address& address, bool with_types, std::string_view type) {
  std::optional<IpAddress> parsed = parse_ip(text);
  Json one{{"version", parsed ? parsed->version : 4}, {"addr", text}};
  if (!with_types) return one;
  one["OS-EXT-IPS:type"] = type;
  one["OS-EXT-IPS-MAC:mac_addr"] = to_string(address.mac);
  return one;
}

Task<void> add_ports(Call& call, const std::vector<Instance>& servers, ServerNetworks& networks) {
  std::string device = servers.size() == 1 ? to_string(servers.front().uuid) : std::string();
  auto ports = co_await all_stored_ports(call, {}, std::move(device));
  if (!ports) co_return;
  for (StoredPort& port : *ports) {
    std::pair key(port.row.network_id, port.row.mac);
    networks.ports.emplace(key, std::move(port));
  }
}

Task<void> add_floating(Call& call, ServerNetworks& networks) {
  auto records = co_await all_objects(call, kFloatingIps);
  if (!records) co_return;
  for (const StoredObject& record : *records) {
    std::pair leads_to(text_at(record.body, "port_id"), text_at(record.body, "fixed_ip_address"));
    if (leads_to.first.empty()) continue;
    networks.floating_ids[leads_to].push_back(record.id);
    networks.floating[std::move(leads_to)].push_back(text_at(record.body, "floating_ip_address"));
  }
}

bool names_groups(const Instance& server, const ServerNetworks& networks) {
  if (server.spec.security_groups.size() != 1 || server.spec.security_groups.front() != kDefault) return true;
  return std::ranges::any_of(server.current.addresses, [&](const Address& address) {
    const StoredPort* port = port_of(address, networks);
    return port != nullptr && member(port->details, "security_groups") != nullptr;
  });
}

}  // namespace

Task<ServerNetworks> networks_of(Call& call, const std::vector<Instance>& servers) {
  ServerNetworks networks;
  if (std::ranges::none_of(servers, [](const Instance& server) { return !server.current.addresses.empty(); }))
    co_return networks;
  co_await add_ports(call, servers, networks);
  co_await add_floating(call, networks);
  if (std::ranges::none_of(servers, [&](const Instance& server) { return names_groups(server, networks); }))
    co_return networks;
  Call own = as_itself(call);
  auto groups = co_await all_objects(own, kSecurityGroups);
  if (!groups) co_return networks;
  for (const StoredObject& group : *groups) networks.group_names[group.id] = text_at(group.body, "name");
  co_return networks;
}

Json addresses_of(const Instance& server, const ServerNetworks& networks, bool with_types) {
  Json addresses = Json::object();
  if (server.vm_state == VmState::kBuilding) return addresses;
  std::map<std::string, Json> floating;
  for (const Address& address : server.current.addresses) {
    Json& of_network = addresses[address.network_name];
    if (!of_network.is_array()) of_network = Json::array();
    const StoredPort* port = port_of(address, networks);
    const std::string id = id_of_port(server, address, port);
    for (const std::string& text : fixed_addresses(address, port)) {
      of_network.push_back(one_address(text, address, with_types, "fixed"));
      auto outer = networks.floating.find({id, text});
      if (outer == networks.floating.end()) continue;
      for (const std::string& one : outer->second)
        floating[address.network_name].push_back(one_address(one, address, with_types, "floating"));
    }
  }
  for (auto& [name, list] : floating)
    for (Json& one : list) addresses[name].push_back(std::move(one));
  return addresses;
}

Json security_groups_of(const Instance& server, const ServerNetworks& networks) {
  if (server.current.addresses.empty()) return nullptr;
  const std::string default_group = security_group_id(server.spec.project_id);
  Json groups = Json::array();
  for (const Address& address : server.current.addresses) {
    const StoredPort* port = port_of(address, networks);
    bool says = port != nullptr && (member(port->details, "security_groups") != nullptr || !port->row.goes_with_device);
    for (const std::string& id : says ? groups_of(*port) : asked_groups(server)) {
      auto name = networks.group_names.find(id);
      std::string shown = name != networks.group_names.end() ? name->second : id == default_group ? "default" : id;
      groups.push_back({{"name", std::move(shown)}});
    }
  }
  return groups.empty() ? Json(nullptr) : groups;
}

std::vector<std::string> asked_groups(const Instance& server) {
  std::vector<std::string> ids;
  for (const std::string& group : server.spec.security_groups)
    ids.push_back(group == kDefault ? security_group_id(server.spec.project_id) : group);
  return ids;
}

std::vector<std::string> groups_of(const StoredPort& port) {
  std::vector<std::string> ids;
  const Json* said = member(port.details, "security_groups");
  if (said == nullptr || !said->is_array()) return {security_group_id(port.row.project_id)};
  for (const Json& id : *said)
    if (id.is_string()) ids.push_back(id.get<std::string>());
  return ids;
}

Task<std::expected<std::string, Refusal>> find_group(Call& call, std::string named) {
  auto known = co_await all_security_groups(call);
  if (!known) co_return std::unexpected(std::move(known.error()));
  std::optional<std::string> found;
  for (const StoredObject& group : *known) {
    if (group.id == named) co_return named;
    if (text_at(group.body, "name") != named || group.owner != to_hex(call.caller.project_id)) continue;
    if (found)
      co_return refused(409, fmt::format("Multiple security_group matches found for name '{}', use an ID to be more "
                                         "specific.",
                                         named));
    found = group.id;
  }
  if (!found) co_return refused(404, fmt::format("Security group {} not found.", named));
  co_return std::move(*found);
}

}  // namespace kilonova::api::openstack
