// Which ports there are: records of the network-controller, and the nics of servers that have none.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "api-server/front/openstack/compute/server_networks.h"
#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "domain/ip_address.h"
#include "domain/nouns/server.h"

namespace kilonova::api::openstack {
namespace {

using Subnets = std::vector<StoredSubnet>;

void tell_server(const Instance& server, ShownPort& port) {
  port.host = server.current.host;
  port.is_plugged = server.vm_state != VmState::kBuilding;
  port.zone = server.spec.availability_zone.empty() ? "nova" : server.spec.availability_zone;
  if (port.port.row.goes_with_device && member(port.port.details, "security_groups") == nullptr)
    port.port.details["security_groups"] = asked_groups(server);
}

ShownPort bare_nic(const Instance& server, const Address& address, const Subnets& subnets) {
  ShownPort shown;
  shown.is_bare_nic = true;
  Port& row = shown.port.row;
  row.goes_with_device = true;
  tell_server(server, shown);
  row.id = parse_uuid(port_id(server.uuid, address.nic)).value_or(Uuid{});
  row.network_id = address.network_id;
  row.project_id = server.spec.project_id;
  row.mac = address.mac;
  row.device_id = to_string(server.uuid);
  row.device_owner = "compute:" + shown.zone;
  row.created_at = server.created_at;
  row.updated_at = server.launched_at.us != 0 ? server.launched_at : server.created_at;
  for (const StoredSubnet& subnet : subnets) {
    std::optional<IpNetwork> network = parse_ip_network(subnet.row.cidr);
    if (subnet.row.network_id == address.network_id && network && contains(*network, to_ip(address.ip)))
      row.fixed_ips.push_back({subnet.row.id, to_string(address.ip)});
  }
  return shown;
}

// A nic with a record is the record's; of two of the same MAC on one network there is none.
void add_nics(const Instance& server, const Subnets& subnets, std::vector<ShownPort>& ports,
              const std::map<std::pair<Uuid, Mac>, size_t>& records) {
  for (const Address& address : server.current.addresses) {
    auto record = records.find({address.network_id, address.mac});
    if (record == records.end()) {
      ports.push_back(bare_nic(server, address, subnets));
    } else {
      tell_server(server, ports[record->second]);
    }
  }
}

std::vector<ShownPort> with_nics(std::vector<StoredPort> stored, const std::vector<Instance>& servers,
                                 const Subnets& subnets) {
  std::vector<ShownPort> ports;
  std::map<std::pair<Uuid, Mac>, size_t> records;
  for (StoredPort& port : stored) {
    records[{port.row.network_id, port.row.mac}] = ports.size();
    ports.push_back({.port = std::move(port)});
  }
  for (const Instance& server : servers) add_nics(server, subnets, ports, records);
  return ports;
}

// Of one server, where only that is asked for: clients ask for a server's ports time and again.
Task<std::expected<std::vector<Instance>, Refusal>> wanted_servers(Call& call, const std::string& device) {
  if (device.empty())
    co_return co_await ask_all(call, ListServers{.all_projects = call.is_admin()}, &ServerList::servers,
                               [](const Instance& server) { return to_string(server.uuid); });
  std::optional<Uuid> id = parse_uuid(device);
  if (!id) co_return std::vector<Instance>();
  auto found = co_await ask(call, GetServer{to_string(*id), call.is_admin()});
  if (!found && found.error().status == 404) co_return std::vector<Instance>();
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return std::move(found->servers);
}

}  // namespace

// Own ones, and those on own networks; what belongs to nobody is the administrators'.
Task<std::expected<std::vector<ShownPort>, Refusal>> all_ports(Call& call, std::string device) {
  auto stored = co_await all_stored_ports(call, {}, device);
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  auto servers = co_await wanted_servers(call, device);
  if (!servers) co_return std::unexpected(std::move(servers.error()));
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  std::vector<ShownPort> ports = with_nics(std::move(*stored), *servers, *subnets);
  if (call.is_admin()) co_return ports;
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  std::set<Uuid> own;
  for (const StoredNetwork& network : *networks)
    if (network.row.project_id == call.caller.project_id) own.insert(network.row.id);
  std::erase_if(ports, [&](const ShownPort& port) {
    return port.port.row.project_id != call.caller.project_id && !own.contains(port.port.row.network_id);
  });
  co_return ports;
}

Task<std::expected<ShownPort, Refusal>> find_port(Call& call, std::string id) {
  std::optional<Uuid> wanted = parse_uuid(id);
  if (!wanted) co_return neutron_not_found("Port", id);
  auto found = co_await find_stored_port(call, *wanted);
  if (!found) co_return std::unexpected(std::move(found.error()));
  std::string device = *found ? (*found)->row.device_id : std::string();
  if (*found && (device.empty() || !(*found)->row.device_owner.starts_with("compute:"))) {
    bool is_own = call.is_admin() || (*found)->row.project_id == call.caller.project_id;
    if (is_own) co_return ShownPort{.port = std::move(**found)};
  }
  auto ports = co_await all_ports(call, std::move(device));
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  for (ShownPort& port : *ports)
    if (port.port.row.id == *wanted) co_return std::move(port);
  co_return neutron_not_found("Port", id);
}

Task<std::expected<std::vector<ShownPort>, Refusal>> ports_of_server(Call& call, const Instance& server) {
  auto stored = co_await all_stored_ports(call, {}, to_string(server.uuid));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  std::vector<ShownPort> all = with_nics(std::move(*stored), {server}, *subnets);
  std::vector<ShownPort> ports;
  for (const Address& address : server.current.addresses)
    for (const ShownPort& port : all)
      if (port.port.row.network_id == address.network_id && port.port.row.mac == address.mac) ports.push_back(port);
  co_return ports;
}

Task<std::expected<StoredPort, Refusal>> make_service_port(Call& call, const Network& network, std::string owner,
                                                           std::string device, std::vector<FixedIp> fixed_ips,
                                                           Uuid project) {
  StoredPort port;
  port.row.id = call.core.new_uuid();
  port.row.network_id = network.id;
  port.row.project_id = project;
  port.row.device_id = std::move(device);
  port.row.device_owner = std::move(owner);
  port.details["security_groups"] = Json::array();
  port.details["port_security_enabled"] = false;
  bool draws = fixed_ips.empty();
  port.row.fixed_ips = std::move(fixed_ips);
  co_return co_await store(call, std::move(port), draws);
}

Json fixed_ips_view(const Port& port) {
  Json list = Json::array();
  for (const FixedIp& fixed : port.fixed_ips)
    list.push_back({{"subnet_id", to_string(fixed.subnet_id)}, {"ip_address", fixed.ip}});
  return list;
}

std::expected<std::vector<FixedIp>, Refusal> read_fixed_ips(const Json& list) {
  std::vector<FixedIp> fixed_ips;
  if (list.size() > kMaxFixedIps) return invalid_input("fixed_ips", "there are too many.");
  for (const Json& one : list) {
    FixedIp fixed;
    if (!one.is_object()) return invalid_input("fixed_ips", fmt::format("{} is no address.", python_repr(one)));
    for (const auto& [key, value] : one.items()) {
      if (value.is_null()) continue;
      std::string text = value.is_string() ? value.get<std::string>() : std::string();
      if (key == "subnet_id") {
        std::optional<Uuid> id = parse_uuid(text);
        if (!id) return invalid_input("fixed_ips", fmt::format("'{}' is not a valid UUID.", text));
        fixed.subnet_id = *id;
      } else if (key == "ip_address") {
        std::optional<IpAddress> address = parse_ip(text);
        if (!address) return invalid_input("fixed_ips", fmt::format("'{}' is not a valid IP address.", text));
        fixed.ip = to_string(*address);
      } else if (key != "name") {
        return invalid_input("fixed_ips", fmt::format("Invalid data format for fixed IP: {}.", python_repr(one)));
      }
    }
    if (fixed.subnet_id.is_nil() && fixed.ip.empty())
      return bad_request("InvalidInput",
                         "Invalid input for operation: IP allocation requires subnet_id or ip_address.");
    if (!fixed.ip.empty() && std::ranges::find(fixed_ips, fixed.ip, &FixedIp::ip) != fixed_ips.end())
      return invalid_input("fixed_ips", fmt::format("Duplicate IP address '{}'.", fixed.ip));
    fixed_ips.push_back(std::move(fixed));
  }
  return fixed_ips;
}

}  // namespace kilonova::api::openstack
