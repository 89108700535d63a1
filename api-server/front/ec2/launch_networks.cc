#include "api-server/front/ec2/launch_networks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/security_groups.h"
#include "api-server/front/ec2/subnets.h"
#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/network/networks.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::Json;

// One interface that is asked for.
struct WantedInterface {
  std::string id;       // "eni-..." of one that is there
  std::string subnet;   // "subnet-..."; "" = the default one
  std::string address;  // "" = any
  Texts groups;         // ids
};

constexpr std::string_view kHonoured[] = {"DeviceIndex",         "NetworkInterfaceId",      "SubnetId",
                                          "PrivateIpAddress",    "SecurityGroupId",         "Description",
                                          "DeleteOnTermination", "InterfaceType",           "NetworkCardIndex",
                                          "PrivateIpAddresses",  "AssociatePublicIpAddress"};

std::unexpected<Refusal> unsupported(std::string message) {
  return refused("UnsupportedOperation", std::move(message));
}

// What would be done if nothing were said is taken, as of a launch's other parameters.
Result<void> check_options(const Parameter& item, bool is_there_already) {
  for (const auto& [name, parameter] : item.members)
    if (std::ranges::find(kHonoured, name) == std::end(kHonoured))
      return unsupported(fmt::format("NetworkInterface.{} is not honoured.", in_quotes(name)));
  auto is_public = boolean_of(item, "AssociatePublicIpAddress");
  if (!is_public) return std::unexpected(std::move(is_public.error()));
  if (*is_public)
    return unsupported(
        "NetworkInterface.AssociatePublicIpAddress may be false: AssociateAddress gives public addresses.");
  if (!item.text("Description").empty()) return unsupported("NetworkInterface.Description is not honoured.");
  if (const std::string type = item.text("InterfaceType"); !type.empty() && type != "interface")
    return unsupported(fmt::format("NetworkInterface.InterfaceType {} must be interface.", in_quotes(type)));
  auto card = integer_of(item, "NetworkCardIndex", 0, 0);
  if (!card) return std::unexpected(std::move(card.error()));
  auto goes = boolean_of(item, "DeleteOnTermination");
  if (!goes) return std::unexpected(std::move(goes.error()));
  // One that was there before the instance stays after it, and one that was made for it goes.
  if (item.has("DeleteOnTermination") && *goes == is_there_already)
    return unsupported(fmt::format("NetworkInterface.DeleteOnTermination must be {} of an interface that {}.",
                                   !is_there_already, is_there_already ? "was there before" : "is made"));
  return {};
}

// PrivateIpAddress, or the one item of PrivateIpAddresses.
Result<std::string> read_address(const Parameter& item) {
  const std::vector<const Parameter*> listed = item.items("PrivateIpAddresses");
  if (listed.empty()) return item.text("PrivateIpAddress");
  if (listed.size() > 1 || item.has("PrivateIpAddress") || listed.front()->text("Primary") == "false")
    return unsupported("Secondary private addresses are not honoured: an interface has its primary one.");
  return listed.front()->text("PrivateIpAddress");
}

// By their device indexes, which begin with 0.
Result<std::vector<WantedInterface>> read_interfaces(const Parameter& parameters) {
  for (std::string_view other : {"SubnetId", "PrivateIpAddress", "SecurityGroupId", "SecurityGroup"})
    if (parameters.has("NetworkInterface") && parameters.has(other))
      return refused(
          "InvalidParameterCombination",
          fmt::format("Network interfaces and an instance-level {} may not be specified on the same request", other));
  std::map<int64_t, WantedInterface> by_index;
  for (const Parameter* item : parameters.items("NetworkInterface")) {
    auto index = integer_of(*item, "DeviceIndex", 0, static_cast<int64_t>(kMaxNetworksPerServer) - 1);
    if (!index) return std::unexpected(std::move(index.error()));
    if (!*index) return refused("MissingParameter", "Each network interface must have a DeviceIndex.");
    WantedInterface wanted{item->text("NetworkInterfaceId"), item->text("SubnetId"), "",
                           item->texts("SecurityGroupId")};
    if (auto checked = check_options(*item, !wanted.id.empty()); !checked)
      return std::unexpected(std::move(checked.error()));
    auto address = read_address(*item);
    if (!address) return std::unexpected(std::move(address.error()));
    wanted.address = std::move(*address);
    if (!wanted.id.empty() && (!wanted.subnet.empty() || !wanted.address.empty() || !wanted.groups.empty()))
      return refused("InvalidParameterCombination",
                     "A network interface that is there has its subnet, address and groups already.");
    if (!by_index.emplace(**index, std::move(wanted)).second)
      return refused("InvalidParameterValue",
                     fmt::format("There are two network interfaces with DeviceIndex {}.", **index));
  }
  if (by_index.empty() && (parameters.has("SubnetId") || parameters.has("PrivateIpAddress")))
    by_index[0] = {"", parameters.text("SubnetId"), parameters.text("PrivateIpAddress"), {}};
  std::vector<WantedInterface> interfaces;
  for (auto& [index, wanted] : by_index) {
    if (index != static_cast<int64_t>(interfaces.size()))
      return refused("InvalidParameterValue", "The device indexes of network interfaces must be 0, 1 and so on.");
    interfaces.push_back(std::move(wanted));
  }
  return interfaces;
}

// Neutron's ids; none where that is the project's default group alone. A server has them on all interfaces that it is
// given, so they cannot differ.
Task<Result<Texts>> read_groups(Ec2Call& call, const std::vector<WantedInterface>& interfaces) {
  Texts ids = call.parameters.texts("SecurityGroupId");
  const Texts names = call.parameters.texts("SecurityGroup");
  const WantedInterface* first = nullptr;
  for (const WantedInterface& one : interfaces) {
    if (!one.id.empty()) continue;
    if (first != nullptr && first->groups != one.groups)
      co_return unsupported("The security groups of an instance's new network interfaces must be the same.");
    first = &one;
  }
  if (first != nullptr && !first->groups.empty()) ids = first->groups;
  if (ids.empty() && std::ranges::all_of(names, [](const std::string& name) { return name == "default"; }))
    co_return Texts();
  auto groups = co_await all_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  auto uuids = uuids_of_groups(ids, names, *groups);
  if (uuids && *uuids == Texts(1, openstack::security_group_id(call.project()))) uuids->clear();
  co_return uuids;
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

// The ports that are made for an interface of the launch with this client token are the same whenever it is repeated.
Json ids_of_ports(const Ec2Call& call, const WantedInterface& wanted, const CreateServers& launch, size_t index) {
  Json ids = Json::array();
  if (launch.client_token.empty()) return ids;
  for (uint32_t server = 0; server < std::min(launch.max_count, kMaxServersPerCall); ++server)
    ids.push_back(openstack::stable_uuid(fmt::format("ec2 interface {} {} {} {} {} {}", to_hex(call.project()), index,
                                                     wanted.subnet, wanted.address, launch.client_token, server)));
  return ids;
}

Task<Result<Json>> network_of(Ec2Call& call, const WantedInterface& wanted, bool is_one, Json port_ids) {
  if (!wanted.id.empty()) {
    if (!is_one)
      co_return refused("InvalidParameterCombination", "One network interface cannot be that of several instances.");
    auto interfaces = co_await all_interfaces(call);
    if (!interfaces) co_return std::unexpected(std::move(interfaces.error()));
    auto found = row_with(kInterfaceId, *interfaces, wanted.id, &interface_id);
    if (!found) co_return std::unexpected(std::move(found.error()));
    if ((*found)->is_in_use())
      co_return refused("InvalidNetworkInterface.InUse", fmt::format("Interface: [{}] in use.", wanted.id));
    co_return Json{{"port", (*found)->uuid}};
  }
  auto subnets = co_await all_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  auto found = subnet_of(*subnets, wanted.subnet);
  if (!found) co_return std::unexpected(std::move(found.error()));
  Json network{{"uuid", to_string((*found)->subnet.row.network_id)}};
  const bool is_of_several = (*found)->of_its_version > 1;
  if (!wanted.address.empty() && !is_one)
    co_return refused("InvalidParameterCombination", "One private address cannot be that of several instances.");
  if (!wanted.address.empty()) network["fixed_ip"] = wanted.address;
  if (is_of_several || !wanted.address.empty()) {
    network["subnet"] = to_string((*found)->subnet.row.id);
    network["port_ids"] = std::move(port_ids);
  }
  co_return network;
}

// Nova's refusals where EC2 has a code of its own.
Refusal of_nics(const openstack::Refusal& refusal) {
  if (refusal.message.contains("already in use on instance network"))
    return {"InvalidIPAddress.InUse", refusal.message};
  if (refusal.message.starts_with("No fixed IP addresses available"))
    return {"InsufficientFreeAddressesInSubnet", refusal.message};
  return refusal_of(refusal, kInterfaceId.not_found, "InvalidNetworkInterface.InUse");
}

}  // namespace

Task<Result<openstack::WantedNics>> read_networks(Ec2Call& call, CreateServers& wanted) {
  auto interfaces = read_interfaces(call.parameters);
  if (!interfaces) co_return std::unexpected(std::move(interfaces.error()));
  auto groups = co_await read_groups(call, *interfaces);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  wanted.security_groups = std::move(*groups);
  if (interfaces->empty()) co_return openstack::WantedNics();
  const bool is_one = wanted.max_count == 1;
  Json networks = Json::array();
  for (size_t i = 0; i < interfaces->size(); ++i) {
    const WantedInterface& one = (*interfaces)[i];
    auto network = co_await network_of(call, one, is_one, ids_of_ports(call, one, wanted, i));
    if (!network) co_return std::unexpected(std::move(network.error()));
    networks.push_back(std::move(*network));
  }
  auto nics = co_await openstack::prepare_nics(call.base, networks, wanted.max_count, wanted.security_groups);
  if (!nics) co_return std::unexpected(of_nics(nics.error()));
  wanted.networks = nics->networks;
  co_return std::move(*nics);
}

}  // namespace kilonova::api::ec2
