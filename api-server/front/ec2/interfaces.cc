#include "api-server/front/ec2/interfaces.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/security_groups.h"
#include "api-server/front/ec2/stored_tags.h"
#include "api-server/front/openstack/compute/server_networks.h"
#include "api-server/front/openstack/network/floating_ips.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "domain/form_rules.h"
#include "domain/ip_address.h"
#include "domain/nouns/server.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::ServerNetworks;
using openstack::StoredPort;
using openstack::StoredSubnet;
using openstack::text_at;

using Names = std::map<std::string, std::string>;  // of security groups, by Neutron's id

std::vector<GroupOfInterface> named(const std::vector<std::string>& uuids, const Names& names, const Uuid& project) {
  const std::string of_project = openstack::security_group_id(project);
  std::vector<GroupOfInterface> groups;
  for (const std::string& uuid : uuids) {
    auto name = names.find(uuid);
    groups.push_back({uuid, name != names.end() ? name->second : uuid == of_project ? "default" : uuid});
  }
  return groups;
}

// Neutron's: of a port of which nothing is said, its server's.
std::vector<std::string> groups_of(const Instance& server, const StoredPort* port) {
  const bool says = port != nullptr &&
                    (openstack::member(port->details, "security_groups") != nullptr || !port->row.goes_with_device);
  return says ? openstack::groups_of(*port) : openstack::asked_groups(server);
}

std::vector<FixedIp> addresses_of(const Address& address, const StoredPort* port,
                                  const std::vector<StoredSubnet>& subnets) {
  if (port != nullptr) return port->row.fixed_ips;
  if (address.ip == Ipv4{}) return {};
  for (const StoredSubnet& subnet : subnets) {
    std::optional<IpNetwork> network = parse_ip_network(subnet.row.cidr);
    if (subnet.row.network_id == address.network_id && network && contains(*network, to_ip(address.ip)))
      return {{subnet.row.id, to_string(address.ip)}};
  }
  return {{{}, to_string(address.ip)}};
}

std::vector<ShownInterface> interfaces_of(const Instance& server, const ServerNetworks& networks,
                                          const std::vector<StoredSubnet>& subnets, const Names& names) {
  std::vector<ShownInterface> interfaces;
  for (const Address& address : server.current.addresses) {
    auto found = networks.ports.find({address.network_id, address.mac});
    const StoredPort* port = found == networks.ports.end() ? nullptr : &found->second;
    ShownInterface shown;
    shown.uuid = port != nullptr ? to_string(port->row.id) : openstack::port_id(server.uuid, address.nic);
    shown.owner = to_hex(server.spec.project_id);
    shown.mac = to_string(address.mac);
    if (port != nullptr) shown.description = text_at(port->details, "description");
    shown.instance = instance_id(server);
    shown.index = address.nic;
    shown.goes_with_device = port == nullptr || port->row.goes_with_device;
    shown.since = server.launched_at.us != 0 ? server.launched_at : server.created_at;
    shown.addresses = addresses_of(address, port, subnets);
    shown.groups = named(groups_of(server, port), names, server.spec.project_id);
    for (const FixedIp& fixed : shown.addresses) {
      const std::pair of(shown.uuid, fixed.ip);
      auto outer = networks.floating.find(of), uuid = networks.floating_ids.find(of);
      if (outer != networks.floating.end() && uuid != networks.floating_ids.end())
        shown.floating[fixed.ip] = {outer->second.front(), uuid->second.front()};
    }
    if (port != nullptr) shown.tags = tags_in(port->details);
    interfaces.push_back(std::move(shown));
  }
  std::ranges::sort(interfaces, {}, &ShownInterface::index);
  return interfaces;
}

std::vector<GroupOfInterface> groups_of_all(const std::vector<ShownInterface>& interfaces) {
  std::vector<GroupOfInterface> groups;
  for (const ShownInterface& one : interfaces)
    for (const GroupOfInterface& group : one.groups)
      if (std::ranges::find(groups, group) == groups.end()) groups.push_back(group);
  return groups;
}

// Of the project's groups, where a server is in another one than its project's default one.
Task<Names> group_names(Ec2Call& call, const std::vector<Instance>& servers, const ServerNetworks& networks) {
  Names names = networks.group_names;
  const bool asks = names.empty() && std::ranges::any_of(servers, [](const Instance& server) {
                      return server.spec.security_groups != Texts(1, "default");
                    });
  if (!asks) co_return names;
  auto groups = co_await all_groups(call);
  if (groups)
    for (const openstack::StoredObject& group : *groups) names[group.id] = group_name(group);
  co_return names;
}

struct DeviceOfPort {
  std::string instance;
  uint32_t index = 0;
};

// Of the project's servers each nic, by network and MAC.
Task<Result<std::map<std::pair<Uuid, Mac>, DeviceOfPort>>> devices(Ec2Call& call) {
  std::map<std::pair<Uuid, Mac>, DeviceOfPort> found;
  auto servers = co_await ask_all(call, ListServers{}, &ServerList::servers,
                                  [](const Instance& server) { return to_string(server.uuid); });
  if (!servers) co_return std::unexpected(refusal_of(servers.error()));
  for (const Instance& server : *servers)
    for (const Address& address : server.current.addresses)
      found[{address.network_id, address.mac}] = {instance_id(server), address.nic};
  co_return found;
}

// Of this private address.
void add_association(Xml parent, const ShownInterface& shown, const std::string& inner) {
  auto found = shown.floating.find(inner);
  if (found == shown.floating.end()) return;
  Xml association = add(parent, "association");
  add(association, "publicIp", found->second.address);
  add(association, "publicDnsName", "");
  add(association, "ipOwnerId", shown.owner);
  add(association, "allocationId", long_id(kAllocationId.prefix, std::string_view(found->second.uuid)));
  add(association, "associationId", association_id(found->second.uuid, shown.uuid, inner));
}

}  // namespace

std::vector<std::string> ids_of(const std::vector<GroupOfInterface>& groups) {
  std::vector<std::string> ids;
  for (const GroupOfInterface& group : groups) ids.push_back(long_id(kGroupId.prefix, std::string_view(group.uuid)));
  return ids;
}

std::vector<std::string> names_of(const std::vector<GroupOfInterface>& groups) {
  std::vector<std::string> names;
  for (const GroupOfInterface& group : groups) names.push_back(group.name);
  return names;
}

std::string ShownInterface::primary() const {
  for (const FixedIp& fixed : addresses)
    if (!fixed.ip.contains(':')) return fixed.ip;
  return "";
}

std::string ShownInterface::public_of(const std::string& address) const {
  auto found = floating.find(address);
  return found == floating.end() ? std::string() : found->second.address;
}

std::string ShownInterface::subnet() const {
  const FixedIp* shown = nullptr;
  for (const FixedIp& fixed : addresses)
    if (shown == nullptr || (shown->ip.contains(':') && !fixed.ip.contains(':'))) shown = &fixed;
  return shown == nullptr || shown->subnet_id.is_nil() ? std::string() : to_string(shown->subnet_id);
}

Task<std::vector<ShownInstance>> with_interfaces(Ec2Call& call, std::vector<Instance> servers,
                                                 std::vector<ServerProperties> properties) {
  const ServerNetworks networks = co_await openstack::networks_of(call.base, servers);
  const Names names = co_await group_names(call, servers, networks);
  std::vector<StoredSubnet> subnets;
  const bool has_nics =
      std::ranges::any_of(servers, [](const Instance& server) { return !server.current.addresses.empty(); });
  if (has_nics)
    if (auto stored = co_await openstack::all_stored_subnets(call.base)) subnets = std::move(*stored);
  std::map<Uuid, ServerProperties> said;
  for (ServerProperties& one : properties) {
    const Uuid server = one.instance;
    said.insert_or_assign(server, std::move(one));
  }
  std::vector<ShownInstance> shown;
  for (Instance& server : servers) {
    auto found = said.find(server.uuid);
    ServerProperties of_server = found == said.end() ? ServerProperties{.instance = server.uuid} : found->second;
    ShownInstance one{.properties = std::move(of_server)};
    one.interfaces = interfaces_of(server, networks, subnets, names);
    one.groups = one.interfaces.empty() ? named(openstack::asked_groups(server), names, server.spec.project_id)
                                        : groups_of_all(one.interfaces);
    one.server = std::move(server);
    shown.push_back(std::move(one));
  }
  co_return shown;
}

Task<Result<std::vector<ShownInterface>>> all_interfaces(Ec2Call& call) {
  auto ports = co_await openstack::all_ports(call.base);
  if (!ports) co_return std::unexpected(refusal_of(ports.error()));
  auto having = co_await devices(call);
  if (!having) co_return std::unexpected(std::move(having.error()));
  auto groups = co_await all_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  auto floating = co_await openstack::all_floating_ips(call.base);
  if (!floating) co_return std::unexpected(refusal_of(floating.error()));
  Names names;
  for (const openstack::StoredObject& group : *groups) names[group.id] = group_name(group);
  std::vector<ShownInterface> interfaces;
  for (const openstack::ShownPort& port : *ports) {
    const Port& row = port.port.row;
    if (row.project_id != call.project()) continue;
    ShownInterface shown{.uuid = to_string(row.id), .owner = to_hex(row.project_id), .mac = to_string(row.mac)};
    shown.description = text_at(port.port.details, "description");
    if (auto device = having->find({row.network_id, row.mac}); device != having->end()) {
      shown.instance = device->second.instance;
      shown.index = device->second.index;
    }
    shown.is_of_a_router = shown.instance.empty() && !row.device_id.empty();
    shown.goes_with_device = row.goes_with_device;
    shown.since = row.created_at;
    shown.addresses = row.fixed_ips;
    shown.groups = named(openstack::groups_of(port.port), names, row.project_id);
    for (const openstack::Json& one : *floating)
      if (text_at(one, "port_id") == shown.uuid)
        shown.floating[text_at(one, "fixed_ip_address")] = {text_at(one, "floating_ip_address"), text_at(one, "id")};
    shown.tags = tags_in(port.port.details);
    interfaces.push_back(std::move(shown));
  }
  co_return interfaces;
}

std::string interface_id(const ShownInterface& shown) {
  return long_id(kInterfaceId.prefix, std::string_view(shown.uuid));
}

std::string attachment_id(const ShownInterface& shown) {
  return long_id(kAttachmentId.prefix, std::string_view(shown.uuid));
}

Result<void> check_new_interface(const Parameter& parameters, std::string_view prefix) {
  constexpr size_t kMostText = 255;
  if (parameters.text("Description").size() > kMostText)
    return refused("InvalidParameterValue", fmt::format("{}Description has at most {} bytes.", prefix, kMostText));
  if (const std::string type = parameters.text("InterfaceType"); !type.empty() && type != "interface")
    return unsupported(fmt::format("{}InterfaceType {} must be interface.", prefix, in_quotes(type)));
  return {};
}

std::unexpected<Refusal> interface_in_use(const std::string& id) {
  return refused("InvalidNetworkInterface.InUse", fmt::format("Interface: [{}] in use.", id));
}

void add_groups(Xml parent, const std::vector<GroupOfInterface>& groups) {
  Xml set = add(parent, "groupSet");
  for (const GroupOfInterface& group : groups) {
    Xml item = add(set, "item");
    add(item, "groupId", long_id(kGroupId.prefix, std::string_view(group.uuid)));
    add(item, "groupName", group.name);
  }
}

void add_attachment(Xml parent, const ShownInterface& shown) {
  Xml attachment = add(parent, "attachment");
  add(attachment, "attachmentId", attachment_id(shown));
  add(attachment, "instanceId", shown.instance);
  add(attachment, "instanceOwnerId", shown.owner);
  add(attachment, "deviceIndex", shown.index);
  add(attachment, "status", "attached");
  add(attachment, "attachTime", shown.since);
  add(attachment, "deleteOnTermination", shown.goes_with_device);
}

void add_interface(Xml item, const ShownInterface& shown, const std::string& vpc) {
  add(item, "networkInterfaceId", interface_id(shown));
  if (const std::string subnet = shown.subnet(); !subnet.empty())
    add(item, "subnetId", long_id(kSubnetId.prefix, std::string_view(subnet)));
  add(item, "vpcId", vpc);
  add(item, "description", shown.description);
  add(item, "ownerId", shown.owner);
  add(item, "interfaceType", "interface");
  add(item, "requesterManaged", shown.is_of_a_router);
  add(item, "status", shown.is_in_use() ? "in-use" : "available");
  add(item, "macAddress", shown.mac);
  const std::string primary = shown.primary();
  if (!primary.empty()) add(item, "privateIpAddress", primary);
  add(item, "sourceDestCheck", true);
  add_groups(item, shown.groups);
  if (!shown.instance.empty()) add_attachment(item, shown);
  add_association(item, shown, primary);
  Xml v4 = add(item, "privateIpAddressesSet"), v6 = add(item, "ipv6AddressesSet");
  for (const FixedIp& fixed : shown.addresses) {
    if (fixed.ip.contains(':')) {
      add(add(v6, "item"), "ipv6Address", fixed.ip);
      continue;
    }
    Xml one = add(v4, "item");
    add(one, "privateIpAddress", fixed.ip);
    add(one, "primary", fixed.ip == primary);
    add_association(one, shown, fixed.ip);
  }
  add_tag_set(item, shown.tags);
}

}  // namespace kilonova::api::ec2
