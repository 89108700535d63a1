// CreateNetworkInterface, DeleteNetworkInterface, AttachNetworkInterface, DetachNetworkInterface,
// ModifyNetworkInterfaceAttribute, DescribeNetworkInterfaceAttribute, AssignPrivateIpAddresses,
// UnassignPrivateIpAddresses: Neutron's ports, and Nova's interfaces of servers.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/instances.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/private_addresses.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/security_groups.h"
#include "api-server/front/ec2/stored_tags.h"
#include "api-server/front/ec2/subnets.h"
#include "api-server/front/ec2/tags.h"
#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/network/ports.h"
#include "domain/form_rules.h"
#include "domain/nouns/server_interface.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::Json;
using openstack::StoredPort;
using I = ShownInterface;
using View = std::string_view;

Task<Result<I>> named_interface(Ec2Call& call) {
  auto id = required(call.parameters, "NetworkInterfaceId");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto interfaces = co_await all_interfaces(call);
  if (!interfaces) co_return std::unexpected(std::move(interfaces.error()));
  auto found = row_with(kInterfaceId, *interfaces, *id, &interface_id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return **found;
}

// Its port, as it is stored anew; one without a record gets one then.
Task<Result<StoredPort>> port_of(Ec2Call& call, const I& one) {
  if (one.is_of_a_router)
    co_return refused("OperationNotPermitted",
                      fmt::format("The network interface {} is a router's, and changes with it.", interface_id(one)));
  auto port = co_await openstack::find_port(call.base, one.uuid);
  if (!port) co_return std::unexpected(refusal_of(port.error(), kInterfaceId.not_found));
  if (port->is_bare_nic) port->port.row.revision = 0;
  co_return std::move(port->port);
}

Task<Result<StoredPort>> store_port(Ec2Call& call, StoredPort port) {
  auto stored = co_await openstack::store(call.base, std::move(port));
  if (!stored) co_return std::unexpected(of_addresses(stored.error()));
  co_return std::move(*stored);
}

// Neutron's ids of the groups that GroupId... says: SecurityGroupId.N.
Task<Result<std::vector<std::string>>> read_groups(Ec2Call& call) {
  auto groups = co_await all_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  co_return uuids_of_groups(call.parameters.texts("SecurityGroupId"), {}, *groups);
}

// ---- one that is made, and one that goes

// The body of Neutron's POST.
Task<Result<Json>> read_port(Ec2Call& call) {
  if (auto formed = check_new_interface(call.parameters, ""); !formed)
    co_return std::unexpected(std::move(formed.error()));
  auto id = required(call.parameters, "SubnetId");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto addresses = read_private_addresses(call.parameters);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  auto subnets = co_await all_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  auto found = row_with(kSubnetId, *subnets, *id, &subnet_id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const Subnet& subnet = (*found)->subnet.row;
  Json wanted{{"network_id", to_string(subnet.network_id)},
              {"description", call.parameters.text("Description")},
              {"fixed_ips", Json::array()}};
  for (const std::string& address : *addresses) {
    wanted["fixed_ips"].push_back({{"subnet_id", to_string(subnet.id)}});
    if (!address.empty()) wanted["fixed_ips"].back()["ip_address"] = address;
  }
  if (!call.parameters.has("SecurityGroupId")) co_return wanted;
  auto groups = co_await read_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  wanted["security_groups"] = *groups;
  co_return wanted;
}

// What is asked for a second time with the same client token is there already.
Task<Result<std::string>> make_or_find(Ec2Call& call, const Json& wanted, const std::vector<MetadataItem>& tags) {
  const std::string token = call.parameters.text("ClientToken");
  constexpr View kRequest = "ec2_request";  // what was asked, in the port's details
  openstack::PortPart part;
  set_tags_in(part.details, tags);
  part.details[std::string(kRequest)] = openstack::sha256_hex(openstack::to_text(wanted));
  if (token.empty()) {
    auto made = co_await openstack::make_port(call.base, wanted, std::move(part));
    if (!made) co_return std::unexpected(of_addresses(made.error()));
    co_return to_string(made->row.id);
  }
  part.id =
      parse_uuid(openstack::stable_uuid(fmt::format("ec2 port {} {}", to_hex(call.project()), token))).value_or(Uuid{});
  const Uuid id = part.id;
  auto one_at_a_time = co_await call.names.acquire(call.project());
  auto known = co_await openstack::find_stored_port(call.base, id);
  if (!known) co_return std::unexpected(refusal_of(known.error()));
  if (*known && openstack::text_at((*known)->details, kRequest) != openstack::text_at(part.details, kRequest))
    co_return refused("IdempotentParameterMismatch",
                      "The client token was used for a network interface with other parameters.");
  if (*known) co_return to_string(id);
  auto made = co_await openstack::make_port(call.base, wanted, std::move(part));
  if (!made) co_return std::unexpected(of_addresses(made.error()));
  co_return to_string(id);
}

Task<Result<void>> create(Ec2Call& call, Xml reply) {
  auto tags = read_tag_specifications(call.parameters, "network-interface", "InvalidParameterValue",
                                      "a network-interface is made.");
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  if (auto room = check_tags_of_record(*tags); !room) co_return room;
  auto wanted = co_await read_port(call);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto uuid = co_await make_or_find(call, *wanted, *tags);
  if (!uuid) co_return std::unexpected(std::move(uuid.error()));
  auto interfaces = co_await all_interfaces(call);
  if (!interfaces) co_return std::unexpected(std::move(interfaces.error()));
  auto found = std::ranges::find(*interfaces, *uuid, &I::uuid);
  if (found == interfaces->end()) co_return no_such(kInterfaceId, long_id(kInterfaceId.prefix, View(*uuid)));
  add_interface(add(reply, "networkInterface"), *found, vpc_id(call.project()));
  if (const std::string token = call.parameters.text("ClientToken"); !token.empty()) add(reply, "clientToken", token);
  co_return Result<void>();
}

Task<Result<void>> remove(Ec2Call& call, Xml reply) {
  auto one = co_await named_interface(call);
  if (!one) co_return std::unexpected(std::move(one.error()));
  if (one->is_in_use()) co_return interface_in_use(interface_id(*one));
  auto gone = co_await openstack::delete_part(call.base, "port", parse_uuid(one->uuid).value_or(Uuid{}));
  if (!gone)
    co_return std::unexpected(refusal_of(gone.error(), kInterfaceId.not_found, "InvalidNetworkInterface.InUse"));
  add(reply, "return", true);
  co_return Result<void>();
}

// ---- attachments

// The next index alone: Nova numbers interfaces.
Task<Result<void>> attach(Ec2Call& call, Xml reply) {
  auto index = integer_of(call.parameters, "DeviceIndex", 0, static_cast<int64_t>(kMaxInterfacesPerServer) - 1);
  if (!index) co_return std::unexpected(std::move(index.error()));
  if (!*index) co_return refused("MissingParameter", "The request must contain the parameter DeviceIndex");
  auto card = integer_of(call.parameters, "NetworkCardIndex", 0, 0);
  if (!card) co_return std::unexpected(std::move(card.error()));
  auto id = required(call.parameters, "InstanceId");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto one = co_await named_interface(call);
  if (!one) co_return std::unexpected(std::move(one.error()));
  if (one->is_in_use()) co_return interface_in_use(interface_id(*one));
  auto instance = co_await find_instance(call, *id);
  if (!instance) co_return std::unexpected(std::move(instance.error()));
  int64_t next = 0;
  for (const I& other : instance->interfaces) next = std::max<int64_t>(next, int64_t{other.index} + 1);
  if (**index < next &&
      std::ranges::any_of(instance->interfaces, [&](const I& other) { return other.index == **index; }))
    co_return refused(
        "InvalidParameterValue",
        fmt::format("Instance '{}' already has an interface attached at device index '{}'.", *id, **index));
  if (**index != next)
    co_return unsupported(
        fmt::format("DeviceIndex {} must be {}: interfaces of an instance are numbered as they come.", **index, next));
  auto done = co_await ask(call, AttachInterface{.server = to_string(instance->server.uuid), .port = one->uuid});
  if (!done && done.error().code == ErrorCode::kConflict)
    co_return refused("IncorrectInstanceState", done.error().message);
  if (!done) co_return std::unexpected(refusal_of(done.error(), "InvalidInstanceID.NotFound"));
  add(reply, "attachmentId", attachment_id(*one));
  add(reply, "networkCardIndex", 0);
  co_return Result<void>();
}

Task<Result<void>> detach(Ec2Call& call, Xml reply) {
  auto id = required(call.parameters, "AttachmentId");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto force = boolean_of(call.parameters, "Force");
  if (!force) co_return std::unexpected(std::move(force.error()));
  auto interfaces = co_await all_interfaces(call);
  if (!interfaces) co_return std::unexpected(std::move(interfaces.error()));
  std::erase_if(*interfaces, [](const I& one) { return one.instance.empty(); });
  auto found = row_with(kAttachmentId, *interfaces, *id, &attachment_id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const I& one = **found;
  if (one.index == 0)
    co_return refused("OperationNotPermitted", "The network interface at device index 0 cannot be detached.");
  auto instance = co_await find_instance(call, one.instance);
  if (!instance) co_return std::unexpected(std::move(instance.error()));
  auto done = co_await ask(call, DetachInterface{to_string(instance->server.uuid), one.mac});
  if (!done) co_return std::unexpected(refusal_of(done.error(), kAttachmentId.not_found));
  add(reply, "return", true);
  co_return Result<void>();
}

// ---- attributes

Task<Result<void>> describe_attribute(Ec2Call& call, Xml reply) {
  auto name = required(call.parameters, "Attribute");
  if (!name) co_return std::unexpected(std::move(name.error()));
  auto one = co_await named_interface(call);
  if (!one) co_return std::unexpected(std::move(one.error()));
  add(reply, "networkInterfaceId", interface_id(*one));
  if (*name == "description")
    add(add(reply, "description"), "value", one->description);
  else if (*name == "groupSet")
    add_groups(reply, one->groups);
  else if (*name == "sourceDestCheck")
    add(add(reply, "sourceDestCheck"), "value", true);
  else if (*name != "attachment")
    co_return refused(
        "InvalidParameterValue",
        fmt::format("Value ({}) for parameter attribute is invalid. Unknown attribute.", in_quotes(*name)));
  else if (!one->instance.empty())
    add_attachment(reply, *one);
  co_return Result<void>();
}

// What these are already they may be.
Result<void> check_unchanged(const Parameter& parameters, const I& one) {
  if (const Parameter* said = parameters.member("SourceDestCheck")) {
    auto value = boolean_of(*said, "Value");
    if (!value) return std::unexpected(std::move(value.error()));
    if (!*value) return unsupported("SourceDestCheck is true here, and stays so.");
  }
  const Parameter* said = parameters.member("Attachment");
  if (said == nullptr) return {};
  if (one.instance.empty() || said->text("AttachmentId") != attachment_id(one))
    return refused(std::string(kAttachmentId.not_found),
                   fmt::format("The attachment {} is not this interface's.", in_quotes(said->text("AttachmentId"))));
  auto goes = boolean_of(*said, "DeleteOnTermination");
  if (!goes) return std::unexpected(std::move(goes.error()));
  if (said->has("DeleteOnTermination") && *goes != one.goes_with_device)
    return unsupported(
        fmt::format("DeleteOnTermination of this interface is {}, and stays so: what was made for its "
                    "instance goes with it, and what was there before stays.",
                    one.goes_with_device));
  return {};
}

Task<Result<void>> modify(Ec2Call& call, Xml reply) {
  constexpr View kAttributes[] = {"Attachment", "Description", "SecurityGroupId", "SourceDestCheck"};
  const Parameter& said = call.parameters;
  const auto count = std::ranges::count_if(kAttributes, [&](View name) { return said.has(name); });
  if (count != 1)
    co_return refused("InvalidParameterCombination",
                      count == 0 ? "No attributes specified." : "Fields for multiple attribute types specified.");
  auto one = co_await named_interface(call);
  if (!one) co_return std::unexpected(std::move(one.error()));
  if (auto same = check_unchanged(said, *one); !same) co_return same;
  if (said.has("Description") || said.has("SecurityGroupId")) {
    auto port = co_await port_of(call, *one);
    if (!port) co_return std::unexpected(std::move(port.error()));
    if (const Parameter* description = said.member("Description")) {
      port->details["description"] = description->text("Value");
    } else {
      auto groups = co_await read_groups(call);
      if (!groups) co_return std::unexpected(std::move(groups.error()));
      port->details["security_groups"] = *groups;
    }
    auto stored = co_await store_port(call, std::move(*port));
    if (!stored) co_return std::unexpected(std::move(stored.error()));
  }
  add(reply, "return", true);
  co_return Result<void>();
}

// ---- secondary private addresses

std::vector<std::string> texts_of(const std::vector<FixedIp>& addresses) {
  std::vector<std::string> texts;
  for (const FixedIp& one : addresses) texts.push_back(one.ip);
  return texts;
}

Task<Result<void>> assign(Ec2Call& call, Xml reply) {
  auto moves = boolean_of(call.parameters, "AllowReassignment");
  if (!moves) co_return std::unexpected(std::move(moves.error()));
  if (*moves) co_return unsupported("AllowReassignment may be false: an address is unassigned first.");
  auto count = integer_of(call.parameters, "SecondaryPrivateIpAddressCount", 1, static_cast<int64_t>(kMaxFixedIps) - 1);
  if (!count) co_return std::unexpected(std::move(count.error()));
  std::vector<std::string> wanted = call.parameters.texts("PrivateIpAddress");
  if (wanted.empty() == !count->has_value())
    co_return refused(wanted.empty() ? "MissingParameter" : "InvalidParameterCombination",
                      "The request must contain either PrivateIpAddress or SecondaryPrivateIpAddressCount.");
  if (*count) wanted.resize(static_cast<size_t>(**count));
  auto one = co_await named_interface(call);
  if (!one) co_return std::unexpected(std::move(one.error()));
  auto port = co_await port_of(call, *one);
  if (!port) co_return std::unexpected(std::move(port.error()));
  auto subnet = parse_uuid(one->subnet());
  if (!subnet) co_return refused("InvalidParameterValue", "The network interface has no primary private address.");
  const std::vector<std::string> before = texts_of(port->row.fixed_ips);
  if (before.size() + wanted.size() > kMaxFixedIps)
    co_return refused("PrivateIpAddressLimitExceeded",
                      fmt::format("A network interface has at most {} private addresses.", kMaxFixedIps));
  for (std::string& address : wanted) port->row.fixed_ips.push_back({*subnet, std::move(address)});
  auto stored = co_await store_port(call, std::move(*port));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  add(reply, "networkInterfaceId", interface_id(*one));
  Xml set = add(reply, "assignedPrivateIpAddressesSet");
  for (const FixedIp& fixed : stored->row.fixed_ips)
    if (std::ranges::find(before, fixed.ip) == before.end()) add(add(set, "item"), "privateIpAddress", fixed.ip);
  add(reply, "return", true);
  co_return Result<void>();
}

Task<Result<void>> unassign(Ec2Call& call, Xml reply) {
  auto wanted = required_list(call.parameters, "PrivateIpAddress");
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto one = co_await named_interface(call);
  if (!one) co_return std::unexpected(std::move(one.error()));
  auto port = co_await port_of(call, *one);
  if (!port) co_return std::unexpected(std::move(port.error()));
  for (const std::string& address : *wanted) {
    if (address == one->primary())
      co_return refused("InvalidParameterValue", fmt::format("{} is the primary private address, and stays.", address));
    auto found = std::ranges::find(port->row.fixed_ips, address, &FixedIp::ip);
    if (found == port->row.fixed_ips.end())
      co_return refused("InvalidParameterValue", fmt::format("The network interface {} has no private address {}.",
                                                             interface_id(*one), in_quotes(address)));
    port->row.fixed_ips.erase(found);
  }
  auto stored = co_await store_port(call, std::move(*port));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  add(reply, "return", true);
  co_return Result<void>();
}

constexpr View kOfCreate[] = {"SubnetId",         "Description",   "SecurityGroupId",
                              "PrivateIpAddress", "InterfaceType", "PrivateIpAddresses",
                              "TagSpecification", "ClientToken",   "SecondaryPrivateIpAddressCount"};
constexpr View kKnownOfCreate[] = {"Ipv6AddressCount", "Ipv6Addresses", "Ipv4Prefix",
                                   "Ipv4PrefixCount",  "Ipv6Prefix",    "Ipv6PrefixCount"};
constexpr View kOfDelete[] = {"NetworkInterfaceId"};
constexpr View kOfAttach[] = {"NetworkInterfaceId", "InstanceId", "DeviceIndex", "NetworkCardIndex"};
constexpr View kEna[] = {"EnaSrdSpecification"};
constexpr View kOfDetach[] = {"AttachmentId", "Force"};
constexpr View kOfDescribe[] = {"NetworkInterfaceId", "Attribute"};
constexpr View kOfModify[] = {"NetworkInterfaceId", "Attachment", "Description", "SecurityGroupId", "SourceDestCheck"};
constexpr View kOfAssign[] = {"NetworkInterfaceId", "PrivateIpAddress", "SecondaryPrivateIpAddressCount",
                              "AllowReassignment"};
constexpr View kOfUnassign[] = {"NetworkInterfaceId", "PrivateIpAddress"};
constexpr View kPrefixes[] = {"Ipv4Prefix", "Ipv4PrefixCount"};

constexpr Action kActions[] = {
    {"CreateNetworkInterface", UserRole::kMember, &create, kOfCreate, kKnownOfCreate},
    {"DeleteNetworkInterface", UserRole::kMember, &remove, kOfDelete},
    {"AttachNetworkInterface", UserRole::kMember, &attach, kOfAttach, kEna},
    {"DetachNetworkInterface", UserRole::kMember, &detach, kOfDetach},
    {"DescribeNetworkInterfaceAttribute", UserRole::kReader, &describe_attribute, kOfDescribe},
    {"ModifyNetworkInterfaceAttribute", UserRole::kMember, &modify, kOfModify, kEna},
    {"AssignPrivateIpAddresses", UserRole::kMember, &assign, kOfAssign, kPrefixes},
    {"UnassignPrivateIpAddresses", UserRole::kMember, &unassign, kOfUnassign, kPrefixes},
};

}  // namespace

std::span<const Action> interface_change_actions() { return kActions; }

}  // namespace kilonova::api::ec2
