#include "api-server/front/ec2/launch_networks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "api-server/front/ec2/addresses.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/private_addresses.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/security_groups.h"
#include "api-server/front/ec2/stored_tags.h"
#include "api-server/front/ec2/subnets.h"
#include "api-server/front/ec2/tags.h"
#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/network/floating_ips.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "domain/form_rules.h"
#include "domain/port_list.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::Json;

constexpr std::string_view kLaunchMark = "ec2_launch";  // in a port's details

// One interface that is asked for.
struct WantedInterface {
  std::string id = {};      // "eni-..." of one that is there
  std::string subnet = {};  // "subnet-..."; "" = the default one
  Texts addresses = {""};   // the primary one and others; "" = any
  Texts groups = {};        // ids; Neutron's, once they are read; none = the default one
  std::string description = {};
  bool stays = false;  // after its instance
  bool is_public = false;
};
using WantedInterfaces = std::vector<WantedInterface>;

constexpr std::string_view kHonoured[] = {"DeviceIndex",
                                          "NetworkInterfaceId",
                                          "SubnetId",
                                          "PrivateIpAddress",
                                          "SecurityGroupId",
                                          "Description",
                                          "DeleteOnTermination",
                                          "InterfaceType",
                                          "NetworkCardIndex",
                                          "PrivateIpAddresses",
                                          "SecondaryPrivateIpAddressCount",
                                          "AssociatePublicIpAddress"};

std::unexpected<Refusal> bad_combination(std::string message) {
  return refused("InvalidParameterCombination", std::move(message));
}

Result<void> read_options(const Parameter& item, WantedInterface& wanted) {
  for (const auto& [name, parameter] : item.members)
    if (std::ranges::find(kHonoured, name) == std::end(kHonoured))
      return unsupported(fmt::format("NetworkInterface.{} is not honoured.", in_quotes(name)));
  const bool is_there_already = !wanted.id.empty();
  auto is_public = boolean_of(item, "AssociatePublicIpAddress");
  if (!is_public) return std::unexpected(std::move(is_public.error()));
  wanted.is_public = *is_public;
  wanted.description = item.text("Description");
  if (auto formed = check_new_interface(item, "NetworkInterface."); !formed) return formed;
  auto card = integer_of(item, "NetworkCardIndex", 0, 0);
  if (!card) return std::unexpected(std::move(card.error()));
  auto goes = boolean_of(item, "DeleteOnTermination");
  if (!goes) return std::unexpected(std::move(goes.error()));
  if (is_there_already && *goes)
    return unsupported("NetworkInterface.DeleteOnTermination must be false of an interface that was there before.");
  wanted.stays = is_there_already || (item.has("DeleteOnTermination") && !*goes);
  return {};
}

Result<WantedInterface> read_interface(const Parameter& item) {
  WantedInterface wanted{.id = item.text("NetworkInterfaceId"), .subnet = item.text("SubnetId")};
  wanted.groups = item.texts("SecurityGroupId");
  if (auto read = read_options(item, wanted); !read) return std::unexpected(std::move(read.error()));
  auto addresses = read_private_addresses(item);
  if (!addresses) return std::unexpected(std::move(addresses.error()));
  wanted.addresses = std::move(*addresses);
  const bool says_more = !wanted.subnet.empty() || wanted.addresses != Texts(1) || !wanted.groups.empty() ||
                         !wanted.description.empty() || wanted.is_public;
  if (!wanted.id.empty() && says_more)
    return bad_combination("A network interface that is there has its subnet, addresses and groups already.");
  return wanted;
}

// By their device indexes, which begin with 0.
Result<WantedInterfaces> read_interfaces(const Parameter& parameters) {
  for (std::string_view other : {"SubnetId", "PrivateIpAddress", "SecurityGroupId", "SecurityGroup"})
    if (parameters.has("NetworkInterface") && parameters.has(other))
      return bad_combination(
          fmt::format("Network interfaces and an instance-level {} may not be specified on the same request", other));
  std::map<int64_t, WantedInterface> by_index;
  for (const Parameter* item : parameters.items("NetworkInterface")) {
    auto index = integer_of(*item, "DeviceIndex", 0, static_cast<int64_t>(kMaxNetworksPerServer) - 1);
    if (!index) return std::unexpected(std::move(index.error()));
    if (!*index) return refused("MissingParameter", "Each network interface must have a DeviceIndex.");
    auto wanted = read_interface(*item);
    if (!wanted) return std::unexpected(std::move(wanted.error()));
    if (!by_index.emplace(**index, std::move(*wanted)).second)
      return refused("InvalidParameterValue",
                     fmt::format("There are two network interfaces with DeviceIndex {}.", **index));
  }
  if (by_index.empty() && (parameters.has("SubnetId") || parameters.has("PrivateIpAddress")))
    by_index[0] = {.subnet = parameters.text("SubnetId"), .addresses = {parameters.text("PrivateIpAddress")}};
  WantedInterfaces interfaces;
  for (auto& [index, wanted] : by_index) {
    if (index != static_cast<int64_t>(interfaces.size()))
      return refused("InvalidParameterValue", "The device indexes of network interfaces must be 0, 1 and so on.");
    interfaces.push_back(std::move(wanted));
  }
  if (interfaces.size() > 1 && std::ranges::any_of(interfaces, &WantedInterface::is_public))
    return bad_combination(
        "The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.");
  return interfaces;
}

// Neutron's ids, of the launch and of each interface that is made; none where it is the project's default group alone.
Task<Result<Texts>> read_groups(Ec2Call& call, WantedInterfaces& interfaces) {
  const Texts ids = call.parameters.texts("SecurityGroupId"), names = call.parameters.texts("SecurityGroup");
  const bool says_some = !ids.empty() || !names.empty() ||
                         std::ranges::any_of(interfaces, [](const auto& one) { return !one.groups.empty(); });
  if (!says_some) co_return Texts();
  auto groups = co_await all_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  auto read = [&](const Texts& by_id, const Texts& by_name) {
    auto uuids = uuids_of_groups(by_id, by_name, *groups);
    if (uuids && *uuids == Texts(1, openstack::security_group_id(call.project()))) uuids->clear();
    return uuids;
  };
  auto of_launch = read(ids, names);
  if (!of_launch) co_return of_launch;
  if (call.parameters.has("NetworkInterface")) {
    const WantedInterface* first = nullptr;
    for (WantedInterface& one : interfaces) {
      auto own = read(one.groups, {});
      if (!own) co_return own;
      one.groups = std::move(*own);
      if (first == nullptr && one.id.empty()) first = &one;
    }
    if (first != nullptr) co_return first->groups;
    co_return Texts();
  }
  for (WantedInterface& one : interfaces) one.groups = *of_launch;
  co_return of_launch;
}

Result<const ShownSubnet*> subnet_of(const std::vector<ShownSubnet>& subnets, const std::string& id) {
  if (!id.empty()) {
    auto found = row_with(kSubnetId, subnets, id, &subnet_id);
    if (found && (*found)->is_6())
      return unsupported(fmt::format("The subnet {} has addresses of IPv6 alone, with which nothing is launched.", id));
    return found;
  }
  auto found = std::ranges::find_if(subnets, [](const ShownSubnet& one) { return one.is_default; });
  if (found == subnets.end())
    return refused("MissingInput", "No default subnet for availability zone: SubnetId says which of several to take.");
  return &*found;
}

// What all interfaces of a launch have in common.
struct Launch {
  uint32_t count = 1;  // of instances, at most
  std::string token;
  Texts groups;  // of interfaces that have no port of their own
  std::vector<MetadataItem> tags;

  bool is_one() const { return count == 1; }
};

// The ports that are made for an interface of the launch with this client token are the same whenever it is repeated.
Json ids_of_ports(const Ec2Call& call, const Launch& launch, const WantedInterface& wanted, size_t index) {
  Json ids = Json::array();
  if (launch.token.empty()) return ids;
  for (uint32_t server = 0; server < std::min(launch.count, kMaxServersPerCall); ++server)
    ids.push_back(
        openstack::stable_uuid(fmt::format("ec2 interface {} {} {} {} {} {}", to_hex(call.project()), index,
                                           wanted.subnet, fmt::join(wanted.addresses, ","), launch.token, server)));
  return ids;
}

// By which launch an interface that was there was taken: one that is asked for again finds it in use, and is the same.
std::string mark_of(const Ec2Call& call, const std::string& token) {
  return openstack::stable_uuid(fmt::format("ec2 launch {} {}", to_hex(call.project()), token));
}

// Whether the launch with this token has it, for as long as the controller answers the token with its servers.
Task<bool> is_of_this_launch(Ec2Call& call, const openstack::StoredPort& port, const std::string& token) {
  constexpr Duration kRemembered = seconds(24 * 3600);
  if (token.empty() || openstack::text_at(port.details, kLaunchMark) != mark_of(call, token)) co_return false;
  auto server = co_await ask(call, GetServer{.server = port.row.device_id});
  co_return server && !server->servers.empty() &&
      call.base.loop.wall_now() - server->servers.front().created_at < kRemembered;
}

Task<Result<Json>> network_of_existing(Ec2Call& call, const Launch& launch, const std::string& id) {
  if (!launch.is_one()) co_return bad_combination("One network interface cannot be that of several instances.");
  auto interfaces = co_await all_interfaces(call);
  if (!interfaces) co_return std::unexpected(std::move(interfaces.error()));
  auto found = row_with(kInterfaceId, *interfaces, id, &interface_id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto port = co_await openstack::find_port(call.base, (*found)->uuid);
  if (!port) co_return std::unexpected(refusal_of(port.error(), kInterfaceId.not_found));
  openstack::StoredPort& stored = port->port;
  if (!stored.row.device_id.empty()) {
    if (!co_await is_of_this_launch(call, stored, launch.token)) co_return interface_in_use(id);
    co_return Json{{"uuid", to_string(stored.row.network_id)},
                   {"subnet", (*found)->subnet()},
                   {"port_ids", Json::array({(*found)->uuid})}};
  }
  if (const std::string mark = mark_of(call, launch.token);
      !launch.token.empty() && openstack::text_at(stored.details, kLaunchMark) != mark) {
    stored.details[std::string(kLaunchMark)] = mark;
    auto marked = co_await openstack::store(call.base, std::move(stored));
    if (!marked)
      co_return std::unexpected(refusal_of(marked.error(), kInterfaceId.not_found, "InvalidNetworkInterface.InUse"));
  }
  co_return Json{{"port", (*found)->uuid}};
}

Result<Json> network_of_new(const Ec2Call& call, const Launch& launch, const WantedInterface& wanted, size_t index,
                            const std::vector<ShownSubnet>& subnets) {
  auto found = subnet_of(subnets, wanted.subnet);
  if (!found) return std::unexpected(std::move(found.error()));
  Json network{{"uuid", to_string((*found)->subnet.row.network_id)}};
  const bool is_of_several = (*found)->of_its_version > 1, is_addressed = wanted.addresses != Texts(1);
  const bool is_special = is_addressed || wanted.groups != launch.groups || !wanted.description.empty() ||
                          wanted.stays || wanted.is_public || !launch.tags.empty();
  if (!is_of_several && !is_special) return network;
  if (is_addressed && !launch.is_one())
    return bad_combination("One private address cannot be that of several instances.");
  if (!wanted.addresses.front().empty()) network["fixed_ip"] = wanted.addresses.front();
  network["more_ips"] = Texts(wanted.addresses.begin() + 1, wanted.addresses.end());
  network["security_groups"] = wanted.groups;
  network["stays"] = wanted.stays;
  network["details"] = {{"description", wanted.description}};
  set_tags_in(network["details"], launch.tags);
  network["subnet"] = to_string((*found)->subnet.row.id);
  network["port_ids"] = ids_of_ports(call, launch, wanted, index);
  return network;
}

// Of prepare_nics().
Task<Result<Json>> networks_of(Ec2Call& call, const Launch& launch, const WantedInterfaces& interfaces) {
  std::vector<ShownSubnet> subnets;
  if (std::ranges::any_of(interfaces, [](const WantedInterface& one) { return one.id.empty(); })) {
    auto all = co_await all_subnets(call);
    if (!all) co_return std::unexpected(std::move(all.error()));
    subnets = std::move(*all);
  }
  Json networks = Json::array();
  for (size_t i = 0; i < interfaces.size(); ++i) {
    const WantedInterface& wanted = interfaces[i];
    auto network = wanted.id.empty() ? network_of_new(call, launch, wanted, i, subnets)
                                     : co_await network_of_existing(call, launch, wanted.id);
    if (!network) co_return network;
    networks.push_back(std::move(*network));
  }
  co_return networks;
}

Task<Result<void>> give_public_address(Ec2Call& call, const std::string& network, std::string port) {
  auto found = co_await openstack::find_port(call.base, port);
  if (!found) co_return std::unexpected(refusal_of(found.error(), kInterfaceId.not_found));
  const std::vector<FixedIp>& addresses = found->port.row.fixed_ips;
  const Json wanted{{"floating_network_id", network},
                    {"port_id", port},
                    {"fixed_ip_address", addresses.empty() ? std::string() : addresses.front().ip}};
  auto made = co_await openstack::make_floating_ip(call.base, wanted, true);
  if (made) co_return Result<void>();
  if (made.error().type == "ExternalGatewayForFloatingIPNotFound")
    co_return refused("Gateway.NotAttached", made.error().message);
  if (made.error().type == "OverQuota") co_return refused("AddressLimitExceeded", made.error().message);
  co_return std::unexpected(refusal_of(made.error(), kAllocationId.not_found, "InsufficientAddressCapacity"));
}

// The ports' primary addresses are led to from outside; once, however often the launch is asked for.
Task<Result<void>> give_public_addresses(Ec2Call& call, std::vector<Uuid> ports) {
  auto floating = co_await openstack::all_floating_ips(call.base);
  if (!floating) co_return std::unexpected(refusal_of(floating.error()));
  std::set<std::string> have;
  for (const Json& one : *floating) have.insert(openstack::text_at(one, "port_id"));
  std::erase_if(ports, [&](const Uuid& port) { return have.contains(to_string(port)); });
  if (ports.empty()) co_return Result<void>();
  auto network = co_await pool_of(call, "");
  if (!network) co_return std::unexpected(std::move(network.error()));
  for (const Uuid& port : ports)
    if (auto given = co_await give_public_address(call, *network, to_string(port)); !given) co_return given;
  co_return Result<void>();
}

}  // namespace

Task<Result<openstack::WantedNics>> read_networks(Ec2Call& call, CreateServers& wanted) {
  auto interfaces = read_interfaces(call.parameters);
  if (!interfaces) co_return std::unexpected(std::move(interfaces.error()));
  Launch launch{.count = wanted.max_count, .token = wanted.client_token};
  auto tags = read_tag_specifications(call.parameters, "network-interface", "", "", "instance");
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  if (auto room = check_tags_of_record(*tags); !room) co_return std::unexpected(std::move(room.error()));
  launch.tags = std::move(*tags);
  if (interfaces->empty() && !launch.tags.empty()) interfaces->emplace_back();
  auto groups = co_await read_groups(call, *interfaces);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  wanted.security_groups = launch.groups = std::move(*groups);
  if (interfaces->empty()) co_return openstack::WantedNics();
  // Two that ask for one launch at once make its ports and addresses once.
  auto one_at_a_time = co_await call.names.acquire(call.project());
  auto networks = co_await networks_of(call, launch, *interfaces);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  auto nics = co_await openstack::prepare_nics(call.base, *networks, launch.count, wanted.security_groups);
  if (!nics) co_return std::unexpected(of_addresses(nics.error()));
  if (interfaces->front().is_public) {
    std::vector<Uuid> ports = ports_of(nics->networks.front()).value_or(std::vector<Uuid>());
    if (auto given = co_await give_public_addresses(call, std::move(ports)); !given) {
      co_await openstack::drop_ports(call.base, std::move(nics->ports));
      co_return std::unexpected(std::move(given.error()));
    }
  }
  wanted.networks = nics->networks;
  co_return std::move(*nics);
}

}  // namespace kilonova::api::ec2
