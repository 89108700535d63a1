// AllocateAddress, ReleaseAddress, AssociateAddress, DisassociateAddress, DescribeAddresses: Neutron's floating IPs.
#include "api-server/front/ec2/addresses.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/instances.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/stored_tags.h"
#include "api-server/front/ec2/tags.h"
#include "api-server/front/openstack/network/floating_ips.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/rbac.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::Json;
using openstack::text_at;
using View = std::string_view;

struct ShownAddress {
  std::string uuid;  // of the floating IP
  std::string owner;
  std::string address;
  std::string network;  // that it is of, by its name
  std::string port;     // "" = it leads nowhere
  std::string inner;
  std::string instance;
  std::vector<MetadataItem> tags;
};
using A = ShownAddress;

std::string allocation_id(const A& one) { return long_id(kAllocationId.prefix, View(one.uuid)); }
// "" while it leads nowhere.
std::string association_of(const A& one) {
  return one.port.empty() ? std::string() : association_id(one.uuid, one.port, one.inner);
}
std::string interface_of(const A& one) { return long_id(kInterfaceId.prefix, View(one.port)); }

constexpr FilterRule<A> kRules[] = {
    {"allocation-id", [](const A& one, View) -> Texts { return {allocation_id(one)}; }},
    {"association-id", [](const A& one, View) -> Texts { return {association_of(one)}; }},
    {"domain", [](const A&, View) -> Texts { return {"vpc"}; }},
    {"instance-id", [](const A& one, View) -> Texts { return {one.instance}; }},
    {"network-interface-id", [](const A& one, View) -> Texts { return {interface_of(one)}; }},
    {"network-interface-owner-id",
     [](const A& one, View) -> Texts { return one.port.empty() ? Texts() : Texts{one.owner}; }},
    {"private-ip-address", [](const A& one, View) -> Texts { return {one.inner}; }},
    {"public-ip", [](const A& one, View) -> Texts { return {one.address}; }},
    {"network-border-group", [](const A&, View) -> Texts { return {std::string(kRegion)}; }},
    {"tag-key", [](const A& one, View) { return keys_of_tags(one.tags); }},
    {"tag:", [](const A& one, View key) { return values_of_tag(one.tags, key); }},
};
constexpr std::span<const FilterRule<A>> kAddressRules(kRules);

Task<Result<std::vector<A>>> all_addresses(Ec2Call& call) {
  auto floating = co_await openstack::all_floating_ips(call.base);
  if (!floating) co_return std::unexpected(refusal_of(floating.error()));
  std::vector<A> addresses;
  if (floating->empty()) co_return addresses;
  auto networks = co_await openstack::visible_networks(call.base);
  if (!networks) co_return std::unexpected(refusal_of(networks.error()));
  std::map<std::string, std::string> names;
  for (const openstack::StoredNetwork& network : *networks) names[to_string(network.row.id)] = network.row.name;
  auto records = co_await openstack::floating_ip_records(call.base);
  if (!records) co_return std::unexpected(refusal_of(records.error()));
  std::map<std::string, std::vector<MetadataItem>> tags;
  for (const openstack::StoredObject& record : *records) tags[record.id] = tags_in(record.body);
  for (const Json& one : *floating) {
    A shown{text_at(one, "id"), text_at(one, "project_id"), text_at(one, "floating_ip_address"),
            names[text_at(one, "floating_network_id")]};
    shown.tags = tags[shown.uuid];
    shown.port = text_at(one, "port_id");
    shown.inner = text_at(one, "fixed_ip_address");
    const Json* details = openstack::member(one, "port_details");
    const std::string device = details == nullptr ? std::string() : text_at(*details, "device_id");
    if (!device.empty() && text_at(*details, "device_owner").starts_with("compute:")) {
      auto server = co_await ask(call, GetServer{.server = device});
      if (server && !server->servers.empty()) shown.instance = instance_id(server->servers.front());
    }
    addresses.push_back(std::move(shown));
  }
  co_return addresses;
}

std::unexpected<Refusal> no_such_address(const std::string& address) {
  return refused("InvalidAddress.NotFound", fmt::format("Address {} not found.", in_quotes(address)));
}

// By AllocationId, or by PublicIp as in EC2's first years.
Result<const A*> named_address(const Parameter& parameters, const std::vector<A>& addresses) {
  const std::string id = parameters.text("AllocationId"), address = parameters.text("PublicIp");
  if (id.empty() == address.empty())
    return refused(id.empty() ? "MissingParameter" : "InvalidParameterCombination",
                   "The request must contain the parameter AllocationId, or PublicIp.");
  if (!id.empty()) return row_with(kAllocationId, addresses, id, &allocation_id);
  auto found = std::ranges::find(addresses, address, &A::address);
  if (found == addresses.end()) return no_such_address(address);
  return &*found;
}

Task<Result<void>> describe(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kAddressRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto addresses = co_await all_addresses(call);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  const Texts ids = call.parameters.texts("AllocationId"), named = call.parameters.texts("PublicIp");
  if (auto there = check_ids(kAllocationId, *addresses, ids, &allocation_id); !there) co_return there;
  for (const std::string& address : named)
    if (std::ranges::find(*addresses, address, &A::address) == addresses->end()) co_return no_such_address(address);
  Xml set = add(reply, "addressesSet");
  for (const A& one : *addresses) {
    const bool is_named = (ids.empty() && named.empty()) || has(ids, allocation_id(one)) || has(named, one.address);
    if (!is_named || !passes(one, *filters, kAddressRules)) continue;
    Xml item = add(set, "item");
    add(item, "publicIp", one.address);
    add(item, "allocationId", allocation_id(one));
    add(item, "domain", "vpc");
    add(item, "publicIpv4Pool", one.network);
    add(item, "networkBorderGroup", kRegion);
    add_tag_set(item, one.tags);
    if (one.port.empty()) continue;
    if (!one.instance.empty()) add(item, "instanceId", one.instance);
    add(item, "associationId", association_of(one));
    add(item, "networkInterfaceId", interface_of(one));
    add(item, "networkInterfaceOwnerId", one.owner);
    add(item, "privateIpAddress", one.inner);
  }
  co_return Result<void>();
}

// Of names in a public DNS, which none has.
Task<Result<void>> describe_attributes(Ec2Call& call, Xml reply) {
  const std::string attribute = call.parameters.text("Attribute");
  if (!attribute.empty() && attribute != "domain-name")
    co_return refused("InvalidParameterValue", fmt::format("Attribute {} must be domain-name.", in_quotes(attribute)));
  auto paging = read_paging(call.parameters, kAllocationId, 1, "AllocationId");
  if (!paging) co_return std::unexpected(std::move(paging.error()));
  auto addresses = co_await all_addresses(call);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  const Texts ids = call.parameters.texts("AllocationId");
  if (auto chosen = choose(kAllocationId, *addresses, ids, &allocation_id, {}, kAddressRules); !chosen)
    co_return chosen;
  add_page(reply, "addressSet", *addresses, *paging, &allocation_id, [](Xml item, const A& one) {
    add(item, "publicIp", one.address);
    add(item, "allocationId", allocation_id(one));
  });
  co_return Result<void>();
}

// Gives the address these tags, or takes it back.
Task<Result<void>> tag_made(Ec2Call& call, std::string uuid, const std::vector<MetadataItem>& tags) {
  auto record = co_await openstack::find_object(call.base, openstack::kFloatingIps, uuid);
  if (!record) co_return std::unexpected(refusal_of(record.error()));
  if (!*record) co_return no_such(kAllocationId, long_id(kAllocationId.prefix, View(uuid)));
  set_tags_in((*record)->body, tags);
  auto stored = co_await openstack::put_object(call.base, openstack::kFloatingIps, std::move(**record));
  if (stored) co_return Result<void>();
  (void)co_await openstack::delete_floating_ip(call.base, std::move(uuid));
  co_return std::unexpected(refusal_of(stored.error(), kAllocationId.not_found, "Unavailable"));
}

Task<Result<void>> allocate(Ec2Call& call, Xml reply) {
  const std::string domain = call.parameters.text("Domain");
  if (!domain.empty() && domain != "vpc" && domain != "standard")
    co_return refused("InvalidParameterValue", fmt::format("Domain {} must be vpc or standard.", in_quotes(domain)));
  auto tags =
      read_tag_specifications(call.parameters, "elastic-ip", "InvalidParameterValue", "an elastic-ip is allocated.");
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  if (auto room = check_tags_of_record(*tags); !room) co_return room;
  auto network = co_await pool_of(call, call.parameters.text("PublicIpv4Pool"));
  if (!network) co_return std::unexpected(std::move(network.error()));
  const Json wanted{{"floating_network_id", *network}};
  auto made = co_await openstack::make_floating_ip(call.base, wanted);
  if (!made && made.error().type == "OverQuota") co_return refused("AddressLimitExceeded", made.error().message);
  if (!made && made.error().status == 409) co_return refused("InsufficientAddressCapacity", made.error().message);
  if (!made) co_return std::unexpected(refusal_of(made.error()));
  if (!tags->empty())
    if (auto tagged = co_await tag_made(call, text_at(*made, "id"), *tags); !tagged) co_return tagged;
  add(reply, "publicIp", text_at(*made, "floating_ip_address"));
  add(reply, "domain", "vpc");
  add(reply, "allocationId", long_id(kAllocationId.prefix, View(text_at(*made, "id"))));
  add(reply, "networkBorderGroup", kRegion);
  co_return Result<void>();
}

Task<Result<void>> release(Ec2Call& call, Xml reply) {
  auto addresses = co_await all_addresses(call);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  auto found = named_address(call.parameters, *addresses);
  if (!found) co_return std::unexpected(std::move(found.error()));
  // One that is in use in a default VPC, as the project's is, goes all the same.
  auto gone = co_await openstack::delete_floating_ip(call.base, (*found)->uuid);
  if (!gone) co_return std::unexpected(refusal_of(gone.error(), kAllocationId.not_found));
  add(reply, "return", true);
  co_return Result<void>();
}

struct Target {
  std::string port;
  std::string address;
};

Result<Target> target_on(const ShownInterface& one, const std::string& wanted) {
  const std::string address = wanted.empty() ? one.primary() : wanted;
  if (std::ranges::find(one.addresses, address, &FixedIp::ip) == one.addresses.end())
    return refused("InvalidParameterValue", fmt::format("The network interface {} has no private address {}.",
                                                        interface_id(one), in_quotes(address)));
  return Target{one.uuid, address};
}

Task<Result<Target>> read_target(Ec2Call& call) {
  const std::string instance = call.parameters.text("InstanceId"), wanted = call.parameters.text("PrivateIpAddress");
  const std::string interface = call.parameters.text("NetworkInterfaceId");
  if (instance.empty() == interface.empty())
    co_return refused(instance.empty() ? "MissingParameter" : "InvalidParameterCombination",
                      "The request must contain the parameter InstanceId, or NetworkInterfaceId.");
  if (!interface.empty()) {
    auto interfaces = co_await all_interfaces(call);
    if (!interfaces) co_return std::unexpected(std::move(interfaces.error()));
    auto found = row_with(kInterfaceId, *interfaces, interface, &interface_id);
    if (!found) co_return std::unexpected(std::move(found.error()));
    co_return target_on(**found, wanted);
  }
  auto found = co_await find_instance(call, instance);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const InstanceState state = state_of(found->server);
  if (found->interfaces.empty() || state == kTerminated || state == kShuttingDown)
    co_return refused("IncorrectInstanceState",
                      fmt::format("The instance '{}' has no network interface: it is {}.", instance, state.name));
  if (found->interfaces.size() > 1)
    co_return refused("InvalidInstanceID",
                      fmt::format("There are multiple interfaces attached to instance '{}': NetworkInterfaceId says "
                                  "which to take.",
                                  instance));
  co_return target_on(found->interfaces.front(), wanted);
}

Task<Result<void>> associate(Ec2Call& call, Xml reply) {
  auto again = boolean_of(call.parameters, "AllowReassociation");
  if (!again) co_return std::unexpected(std::move(again.error()));
  auto addresses = co_await all_addresses(call);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  auto found = named_address(call.parameters, *addresses);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto target = co_await read_target(call);
  if (!target) co_return std::unexpected(std::move(target.error()));
  const A& one = **found;
  const bool is_done = one.port == target->port && one.inner == target->address;
  if (!one.port.empty() && !is_done && !*again)
    co_return refused(
        "Resource.AlreadyAssociated",
        fmt::format("resource {} is already associated with associate-id {}", allocation_id(one), association_of(one)));
  if (!is_done) {
    const Json wanted{{"port_id", target->port}, {"fixed_ip_address", target->address}};
    auto changed = co_await openstack::change_floating_ip(call.base, one.uuid, wanted);
    if (!changed && changed.error().type == "ExternalGatewayForFloatingIPNotFound")
      co_return refused("Gateway.NotAttached", changed.error().message);
    if (!changed)
      co_return std::unexpected(refusal_of(changed.error(), kAllocationId.not_found, "Resource.AlreadyAssociated"));
  }
  add(reply, "return", true);
  add(reply, "associationId", association_id(one.uuid, target->port, target->address));
  co_return Result<void>();
}

Task<Result<void>> disassociate(Ec2Call& call, Xml reply) {
  const std::string id = call.parameters.text("AssociationId"), address = call.parameters.text("PublicIp");
  if (id.empty() == address.empty())
    co_return refused(id.empty() ? "MissingParameter" : "InvalidParameterCombination",
                      "The request must contain the parameter AssociationId, or PublicIp.");
  auto addresses = co_await all_addresses(call);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  auto found = id.empty() ? named_address(call.parameters, *addresses)
                          : row_with(kAssociationId, *addresses, id, &association_of);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const Json nowhere{{"port_id", nullptr}};
  auto changed = co_await openstack::change_floating_ip(call.base, (*found)->uuid, nowhere);
  if (!changed) co_return std::unexpected(refusal_of(changed.error(), kAssociationId.not_found));
  add(reply, "return", true);
  co_return Result<void>();
}

constexpr View kOfDescribe[] = {"Filter", "PublicIp", "AllocationId"};
constexpr View kOfAttributes[] = {"AllocationId", "Attribute", "MaxResults", "NextToken"};
constexpr View kOfAllocate[] = {"Domain", "PublicIpv4Pool", "TagSpecification"};
constexpr View kKnownOfAllocate[] = {"Address", "NetworkBorderGroup", "CustomerOwnedIpv4Pool"};
constexpr View kOfRelease[] = {"PublicIp", "AllocationId"};
constexpr View kKnownOfRelease[] = {"NetworkBorderGroup"};
constexpr View kOfAssociate[] = {"AllocationId",       "PublicIp",         "InstanceId",
                                 "NetworkInterfaceId", "PrivateIpAddress", "AllowReassociation"};
constexpr View kOfDisassociate[] = {"AssociationId", "PublicIp"};

constexpr Action kActions[] = {
    {"DescribeAddresses", UserRole::kReader, &describe, kOfDescribe},
    {"DescribeAddressesAttribute", UserRole::kReader, &describe_attributes, kOfAttributes},
    {"AllocateAddress", UserRole::kMember, &allocate, kOfAllocate, kKnownOfAllocate},
    {"ReleaseAddress", UserRole::kMember, &release, kOfRelease, kKnownOfRelease},
    {"AssociateAddress", UserRole::kMember, &associate, kOfAssociate},
    {"DisassociateAddress", UserRole::kMember, &disassociate, kOfDisassociate},
};

}  // namespace

Task<Result<std::string>> pool_of(Ec2Call& call, std::string name) {
  auto networks = co_await openstack::visible_networks(call.base);
  if (!networks) co_return std::unexpected(refusal_of(networks.error()));
  std::erase_if(*networks, [](const openstack::StoredNetwork& one) { return !openstack::is_external(one); });
  for (const openstack::StoredNetwork& one : *networks)
    if (one.row.name == (name.empty() ? "public" : name)) co_return to_string(one.row.id);
  if (!name.empty())
    co_return refused(
        "InvalidPublicIpv4PoolID.NotFound",
        fmt::format("The pool ID {} does not exist: pools are external networks by their names.", in_quotes(name)));
  if (networks->size() == 1) co_return to_string(networks->front().row.id);
  co_return refused("InsufficientAddressCapacity",
                    networks->empty() ? "This cloud has no external network with public addresses."
                                      : "There are several external networks: PublicIpv4Pool says which to take.");
}

std::span<const Action> address_actions() { return kActions; }

}  // namespace kilonova::api::ec2
