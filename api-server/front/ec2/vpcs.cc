// DescribeVpcs, DescribeSubnets, DescribeNetworkInterfaces: a project is one VPC (docs/adr/0028-ec2.md).
#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/interface_filters.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/stored_tags.h"
#include "api-server/front/ec2/subnets.h"
#include "api-server/front/openstack/network/networks.h"
#include "domain/ip_address.h"

namespace kilonova::api::ec2 {
namespace {

using View = std::string_view;

constexpr int64_t kLeastResults = 5;

constexpr char kNoDhcpOptions[] = "default";  // EC2's word for none of its own

template <class Row>
Texts nothing(const Row&, View) {
  return {};
}

struct Vpc {
  std::string id;
  std::string owner;
  std::string cidr;
  std::string association;  // of the block
};

constexpr FilterRule<Vpc> kVpcRulesOf[] = {
    {"vpc-id", [](const Vpc& vpc, View) -> Texts { return {vpc.id}; }},
    {"cidr", [](const Vpc& vpc, View) -> Texts { return {vpc.cidr}; }},
    {"cidr-block-association.cidr-block", [](const Vpc& vpc, View) -> Texts { return {vpc.cidr}; }},
    {"owner-id", [](const Vpc& vpc, View) -> Texts { return {vpc.owner}; }},
    {"is-default", [](const Vpc&, View) -> Texts { return {"true"}; }},
    {"isDefault", [](const Vpc&, View) -> Texts { return {"true"}; }},
    {"state", [](const Vpc&, View) -> Texts { return {"available"}; }},
    {"cidr-block-association.association-id", [](const Vpc& vpc, View) -> Texts { return {vpc.association}; }},
    {"cidr-block-association.state", [](const Vpc&, View) -> Texts { return {"associated"}; }},
    {"dhcp-options-id", [](const Vpc&, View) -> Texts { return {kNoDhcpOptions}; }},
    // Blocks of IPv6 are its subnets', and the project has no place for tags that its members may change.
    {"ipv6-cidr-block-association.association-id", &nothing<Vpc>},
    {"ipv6-cidr-block-association.ipv6-cidr-block", &nothing<Vpc>},
    {"ipv6-cidr-block-association.ipv6-pool", &nothing<Vpc>},
    {"ipv6-cidr-block-association.state", &nothing<Vpc>},
    {"tag-key", &nothing<Vpc>},
    {"tag:", &nothing<Vpc>},
};
constexpr std::span<const FilterRule<Vpc>> kVpcRules(kVpcRulesOf);

Task<Result<void>> describe_vpcs(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kVpcRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto paging = read_paging(call.parameters, kVpcId, kLeastResults, "VpcId");
  if (!paging) co_return std::unexpected(std::move(paging.error()));
  const std::string own = vpc_id(call.project());
  for (const std::string& id : call.parameters.texts("VpcId")) {
    if (auto checked = check_id(kVpcId, id); !checked) co_return checked;
    if (id != own) co_return no_such(kVpcId, id);
  }
  auto subnets = co_await all_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  const Vpc vpc{own, to_hex(call.project()), block_of(*subnets), long_id("vpc-cidr-assoc-", call.project())};
  Xml set = add(reply, "vpcSet");
  if (own <= paging->after || !passes(vpc, *filters, kVpcRules)) co_return Result<void>();
  Xml item = add(set, "item");
  add(item, "vpcId", vpc.id);
  add(item, "ownerId", vpc.owner);
  add(item, "state", "available");
  add(item, "cidrBlock", vpc.cidr);
  add(item, "dhcpOptionsId", kNoDhcpOptions);
  add(item, "instanceTenancy", "default");
  add(item, "isDefault", true);
  add(item, "tagSet");
  Xml one = add(add(item, "cidrBlockAssociationSet"), "item");
  add(one, "associationId", vpc.association);
  add(one, "cidrBlock", vpc.cidr);
  add(add(one, "cidrBlockState"), "state", "associated");
  co_return Result<void>();
}

// ---- subnets

using S = ShownSubnet;

// Of its pools, what nobody has; as many as a number of 32 bits may say.
int64_t free_addresses(const S& shown) {
  constexpr uint64_t kMost = std::numeric_limits<int32_t>::max();
  uint64_t all = 0;
  for (const AddressRange& pool : shown.subnet.row.pools) {
    std::optional<IpAddress> first = parse_ip(pool.first), last = parse_ip(pool.last);
    if (!first || !last || *last < *first) continue;
    all = last->high != first->high ? kMost : std::min(kMost, all + std::min(kMost - 1, last->low - first->low) + 1);
  }
  return static_cast<int64_t>(all - std::min(all, shown.subnet.used));
}

std::string cidr_association_id(const S& s) { return long_id("subnet-cidr-assoc-", s.subnet.row.id); }
// Another project's are no affair of this one.
std::vector<MetadataItem> tags_of(const S& s) {
  return s.is_own ? tags_in(s.subnet.details) : std::vector<MetadataItem>();
}
Texts cidr_of(const S& s, View) { return {s.subnet.row.cidr}; }

constexpr FilterRule<S> kSubnetRulesOf[] = {
    {"subnet-id", [](const S& s, View) -> Texts { return {subnet_id(s)}; }},
    {"cidr", &cidr_of},
    {"cidrBlock", &cidr_of},
    {"cidr-block", &cidr_of},
    {"owner-id", [](const S& s, View) -> Texts { return {to_hex(s.subnet.row.project_id)}; }},
    {"available-ip-address-count", [](const S& s, View) -> Texts { return {std::to_string(free_addresses(s))}; }},
    {"default-for-az", [](const S& s, View) -> Texts { return {s.is_default ? "true" : "false"}; }},
    {"defaultForAz", [](const S& s, View) -> Texts { return {s.is_default ? "true" : "false"}; }},
    {"ipv6-native", [](const S& s, View) -> Texts { return {s.is_6() ? "true" : "false"}; }},
    {"state", [](const S&, View) -> Texts { return {"available"}; }},
    {"map-public-ip-on-launch", [](const S&, View) -> Texts { return {"false"}; }},
    {"enable-dns64", [](const S&, View) -> Texts { return {"false"}; }},
    {"ipv6-cidr-block-association.association-id",
     [](const S& s, View) -> Texts { return s.is_6() ? Texts{cidr_association_id(s)} : Texts(); }},
    {"ipv6-cidr-block-association.ipv6-cidr-block",
     [](const S& s, View) -> Texts { return s.is_6() ? Texts{s.subnet.row.cidr} : Texts(); }},
    {"ipv6-cidr-block-association.state",
     [](const S& s, View) -> Texts { return s.is_6() ? Texts{"associated"} : Texts(); }},
    // Hosts of all zones reach it.
    {"availability-zone", &nothing<S>},
    {"availabilityZone", &nothing<S>},
    {"availability-zone-id", &nothing<S>},
    {"availabilityZoneId", &nothing<S>},
    {"customer-owned-ipv4-pool", &nothing<S>},
    {"map-customer-owned-ip-on-launch", [](const S&, View) -> Texts { return {"false"}; }},
    {"outpost-arn", &nothing<S>},
    {"subnet-arn", &nothing<S>},
    {"enable-lni-at-device-index", &nothing<S>},
    {"private-dns-name-options-on-launch.hostname-type", &nothing<S>},
    {"private-dns-name-options-on-launch.enable-resource-name-dns-a-record", &nothing<S>},
    {"private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", &nothing<S>},
    {"tag-key", [](const S& s, View) { return keys_of_tags(tags_of(s)); }},
    {"tag:", [](const S& s, View key) { return values_of_tag(tags_of(s), key); }},
    {"vpc-id", nullptr},  // is of the call, not of a row
};
constexpr std::span<const FilterRule<S>> kSubnetRules(kSubnetRulesOf);

// Takes those by the VPC out; whether the project's VPC fits them.
bool take_vpc_filters(std::vector<Filter>& filters, const std::string& vpc) {
  bool fits_all = true;
  for (const Filter& filter : filters) fits_all = fits_all && (filter.name != "vpc-id" || fits(filter, vpc));
  std::erase_if(filters, [](const Filter& filter) { return filter.name == "vpc-id"; });
  return fits_all;
}

void add_subnet(Xml item, const S& shown, const std::string& vpc) {
  add(item, "subnetId", subnet_id(shown));
  add(item, "state", "available");
  add(item, "vpcId", vpc);
  if (!shown.is_6()) add(item, "cidrBlock", shown.subnet.row.cidr);
  add(item, "ownerId", to_hex(shown.subnet.row.project_id));
  add(item, "availableIpAddressCount", free_addresses(shown));
  add(item, "defaultForAz", shown.is_default);
  add(item, "mapPublicIpOnLaunch", false);
  add(item, "assignIpv6AddressOnCreation", shown.is_6());
  add(item, "ipv6Native", shown.is_6());
  Xml six = add(item, "ipv6CidrBlockAssociationSet");
  if (shown.is_6()) {
    Xml one = add(six, "item");
    add(one, "associationId", cidr_association_id(shown));
    add(one, "ipv6CidrBlock", shown.subnet.row.cidr);
    add(add(one, "ipv6CidrBlockState"), "state", "associated");
  }
  add_tag_set(item, tags_of(shown));
}

Task<Result<void>> describe_subnets(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kSubnetRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto paging = read_paging(call.parameters, kSubnetId, kLeastResults, "SubnetId");
  if (!paging) co_return std::unexpected(std::move(paging.error()));
  auto subnets = co_await all_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  const Texts ids = call.parameters.texts("SubnetId");
  const std::string vpc = vpc_id(call.project());
  const bool is_in_vpc = take_vpc_filters(*filters, vpc);
  if (auto chosen = choose(kSubnetId, *subnets, ids, &subnet_id, *filters, kSubnetRules); !chosen) co_return chosen;
  if (!is_in_vpc) subnets->clear();
  add_page(reply, "subnetSet", *subnets, *paging, &subnet_id,
           [&](Xml item, const S& one) { add_subnet(item, one, vpc); });
  co_return Result<void>();
}

// ---- interfaces

using I = ShownInterface;

Task<Result<void>> describe_interfaces(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, interface_filters());
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto paging = read_paging(call.parameters, kInterfaceId, kLeastResults, "NetworkInterfaceId");
  if (!paging) co_return std::unexpected(std::move(paging.error()));
  auto interfaces = co_await all_interfaces(call);
  if (!interfaces) co_return std::unexpected(std::move(interfaces.error()));
  const Texts ids = call.parameters.texts("NetworkInterfaceId");
  const std::string vpc = vpc_id(call.project());
  const bool is_in_vpc = take_vpc_filters(*filters, vpc);
  if (auto chosen = choose(kInterfaceId, *interfaces, ids, &interface_id, *filters, interface_filters()); !chosen)
    co_return chosen;
  if (!is_in_vpc) interfaces->clear();
  add_page(reply, "networkInterfaceSet", *interfaces, *paging, &interface_id,
           [&](Xml item, const I& one) { add_interface(item, one, vpc); });
  co_return Result<void>();
}

constexpr View kOfVpcs[] = {"Filter", "VpcId", "MaxResults", "NextToken"};
constexpr View kOfSubnets[] = {"Filter", "SubnetId", "MaxResults", "NextToken"};
constexpr View kOfInterfaces[] = {"Filter", "NetworkInterfaceId", "MaxResults", "NextToken"};

constexpr Action kActions[] = {
    {"DescribeVpcs", UserRole::kReader, &describe_vpcs, kOfVpcs},
    {"DescribeSubnets", UserRole::kReader, &describe_subnets, kOfSubnets},
    {"DescribeNetworkInterfaces", UserRole::kReader, &describe_interfaces, kOfInterfaces},
};

bool is_on(const ShownSubnet& one, const Uuid& network) { return one.subnet.row.network_id == network; }

}  // namespace

std::string subnet_id(const ShownSubnet& shown) { return long_id(kSubnetId.prefix, shown.subnet.row.id); }

Task<Result<std::vector<ShownSubnet>>> all_subnets(Ec2Call& call) {
  auto networks = co_await openstack::visible_networks(call.base);
  if (!networks) co_return std::unexpected(refusal_of(networks.error()));
  std::erase_if(*networks, [&](const auto& one) { return !may_attach(one.row, call.project(), false); });
  auto stored = co_await openstack::all_stored_subnets(call.base);
  if (!stored) co_return std::unexpected(refusal_of(stored.error()));
  std::vector<ShownSubnet> subnets;
  for (openstack::StoredSubnet& one : *stored) {
    auto of = std::ranges::find_if(*networks, [&](const auto& each) { return each.row.id == one.row.network_id; });
    if (of != networks->end()) {
      const bool is_own = one.row.project_id == call.project();
      subnets.push_back({.subnet = std::move(one), .is_own = is_own, .is_shared = of->row.shared});
    }
  }
  for (ShownSubnet& one : subnets) {
    const Uuid network = one.subnet.row.network_id;
    one.of_its_version = static_cast<size_t>(std::ranges::count_if(
        subnets, [&](const ShownSubnet& other) { return is_on(other, network) && other.is_6() == one.is_6(); }));
    one.is_default = networks->size() == 1 && one.of_its_version == 1 && !one.is_6();
  }
  co_return subnets;
}

std::string smallest_around(const std::vector<std::string>& cidrs) {
  std::optional<IpNetwork> around;
  for (const std::string& cidr : cidrs) {
    std::optional<IpNetwork> network = parse_ip_network(cidr);
    if (!network || network->base.version != 4) continue;
    if (!around) around = network;
    while (around->prefix > 0 && !(contains(*around, first_of(*network)) && contains(*around, last_of(*network)))) {
      IpNetwork wider{around->base, static_cast<uint8_t>(around->prefix - 1)};
      around = parse_ip_network(to_string(wider));
    }
  }
  return around ? to_string(*around) : "0.0.0.0/0";
}

std::string block_of(const std::vector<ShownSubnet>& subnets) {
  Texts cidrs;
  for (const ShownSubnet& one : subnets) cidrs.push_back(one.subnet.row.cidr);
  return smallest_around(cidrs);
}

std::span<const Action> vpc_actions() { return kActions; }

}  // namespace kilonova::api::ec2
