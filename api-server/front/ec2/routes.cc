// DescribeRouteTables, DescribeInternetGateways, DescribeNetworkAcls, DescribeVpcAttribute: how a project's subnets are
// led on, which Neutron's API decides.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/route_tables.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/stored_tags.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/network/routers.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::Json;
using openstack::text_at;
using View = std::string_view;

constexpr int64_t kLeastResults = 5;

// The project's own.
Task<Result<std::vector<Router>>> all_routers(Ec2Call& call) {
  auto records = co_await openstack::all_objects(call.base, openstack::kRouters, to_hex(call.project()));
  if (!records) co_return std::unexpected(refusal_of(records.error()));
  std::vector<Router> routers;
  if (records->empty()) co_return routers;
  auto ports = co_await openstack::all_stored_ports(call.base);
  if (!ports) co_return std::unexpected(refusal_of(ports.error()));
  for (const openstack::StoredObject& record : *records) {
    Router router{.uuid = record.id, .tags = tags_in(record.body)};
    router.gateway_tags = tags_in(record.body, kStoredGatewayTags);
    const Json* is_up = openstack::member(record.body, "admin_state_up");
    router.is_up = is_up == nullptr || *is_up != false;
    if (const Json* routes = openstack::member(record.body, "routes"); routes != nullptr && routes->is_array())
      for (const Json& route : *routes)
        router.routes.emplace_back(text_at(route, "destination"), text_at(route, "nexthop"));
    for (const openstack::StoredPort& port : *ports) {
      if (port.row.device_id != record.id) continue;
      router.has_gateway = router.has_gateway || openstack::is_gateway(port);
      if (openstack::is_interface(port))
        router.interfaces.insert(router.interfaces.end(), port.row.fixed_ips.begin(), port.row.fixed_ips.end());
    }
    routers.push_back(std::move(router));
  }
  co_return routers;
}

Task<Result<NextHops>> all_hops(Ec2Call& call) {
  auto interfaces = co_await all_interfaces(call);
  if (!interfaces) co_return std::unexpected(std::move(interfaces.error()));
  NextHops hops;
  for (const ShownInterface& one : *interfaces)
    for (const FixedIp& fixed : one.addresses) hops[{fixed.subnet_id, fixed.ip}] = {interface_id(one), one.instance};
  co_return hops;
}

struct Ways {
  std::vector<Router> routers;
  std::vector<ShownSubnet> subnets;
  bool lead_out = false;
};

Task<Result<Ways>> all_ways(Ec2Call& call) {
  auto routers = co_await all_routers(call);
  if (!routers) co_return std::unexpected(std::move(routers.error()));
  auto subnets = co_await all_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  auto networks = co_await openstack::visible_networks(call.base);
  if (!networks) co_return std::unexpected(refusal_of(networks.error()));
  Ways ways{std::move(*routers), std::move(*subnets)};
  ways.lead_out = std::ranges::any_of(*networks, [](const auto& network) { return openstack::is_external(network); });
  co_return ways;
}

// ---- route tables

struct T {
  ShownTable table;
  std::string vpc;
  std::string owner;
};
std::string id_of(const T& t) { return t.table.id; }

template <class TextOf>
Texts of_routes(const T& t, TextOf text_of) {
  Texts texts;
  for (const ShownRoute& route : t.table.routes) texts.push_back(text_of(route));
  return texts;
}
const char* state_of(const ShownRoute& route) { return route.is_active ? "active" : "blackhole"; }
const char* origin_of(const ShownRoute& route) { return route.is_made ? "CreateRoute" : "CreateRouteTable"; }
bool is_6(const ShownRoute& route) { return route.destination.contains(':'); }
Texts nothing(const T&, View) { return {}; }

constexpr FilterRule<T> kTableRulesOf[] = {
    {"route-table-id", [](const T& t, View) -> Texts { return {t.table.id}; }},
    {"vpc-id", [](const T& t, View) -> Texts { return {t.vpc}; }},
    {"owner-id", [](const T& t, View) -> Texts { return {t.owner}; }},
    {"association.main", [](const T& t, View) -> Texts { return {t.table.is_main ? "true" : "false"}; }},
    {"association.route-table-id",
     [](const T& t, View) -> Texts { return t.table.associations.empty() ? Texts() : Texts{t.table.id}; }},
    {"association.route-table-association-id",
     [](const T& t, View) {
       Texts texts;
       for (const ShownAssociation& one : t.table.associations) texts.push_back(one.id);
       return texts;
     }},
    {"association.subnet-id",
     [](const T& t, View) {
       Texts texts;
       for (const ShownAssociation& one : t.table.associations)
         if (!one.subnet.empty()) texts.push_back(one.subnet);
       return texts;
     }},
    {"association.gateway-id", &nothing},
    {"route.destination-cidr-block",
     [](const T& t, View) {
       return of_routes(t, [](const ShownRoute& route) { return is_6(route) ? std::string() : route.destination; });
     }},
    {"route.destination-ipv6-cidr-block",
     [](const T& t, View) {
       return of_routes(t, [](const ShownRoute& route) { return is_6(route) ? route.destination : std::string(); });
     }},
    {"route.gateway-id",
     [](const T& t, View) { return of_routes(t, [](const ShownRoute& route) { return route.gateway; }); }},
    {"route.instance-id",
     [](const T& t, View) { return of_routes(t, [](const ShownRoute& route) { return route.hop.instance; }); }},
    {"route.origin", [](const T& t, View) { return of_routes(t, &origin_of); }},
    {"route.state", [](const T& t, View) { return of_routes(t, &state_of); }},
    {"route.destination-prefix-list-id", &nothing},
    {"route.egress-only-internet-gateway-id", &nothing},
    {"route.nat-gateway-id", &nothing},
    {"route.transit-gateway-id", &nothing},
    {"route.vpc-peering-connection-id", &nothing},
    {"tag-key", [](const T& t, View) { return keys_of_tags(t.table.tags); }},
    {"tag:", [](const T& t, View key) { return values_of_tag(t.table.tags, key); }},
};
constexpr std::span<const FilterRule<T>> kTableRules(kTableRulesOf);

void add_route(Xml item, const ShownRoute& route, const std::string& owner) {
  add(item, is_6(route) ? "destinationIpv6CidrBlock" : "destinationCidrBlock", route.destination);
  if (!route.gateway.empty()) add(item, "gatewayId", route.gateway);
  if (!route.hop.instance.empty()) {
    add(item, "instanceId", route.hop.instance);
    add(item, "instanceOwnerId", owner);
  }
  if (!route.hop.interface.empty()) add(item, "networkInterfaceId", route.hop.interface);
  add(item, "origin", origin_of(route));
  add(item, "state", state_of(route));
}

void add_table(Xml item, const T& t) {
  add(item, "routeTableId", t.table.id);
  add(item, "vpcId", t.vpc);
  add(item, "ownerId", t.owner);
  Xml routes = add(item, "routeSet");
  for (const ShownRoute& route : t.table.routes) add_route(add(routes, "item"), route, t.owner);
  Xml associations = add(item, "associationSet");
  for (const ShownAssociation& association : t.table.associations) {
    Xml one = add(associations, "item");
    add(one, "routeTableAssociationId", association.id);
    add(one, "routeTableId", t.table.id);
    if (!association.subnet.empty()) add(one, "subnetId", association.subnet);
    add(one, "main", association.subnet.empty());
    add(add(one, "associationState"), "state", "associated");
  }
  add(item, "propagatingVgwSet");
  add_tag_set(item, t.table.tags);
}

Task<Result<void>> describe_route_tables(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kTableRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto paging = read_paging(call.parameters, kTableId, kLeastResults, "RouteTableId");
  if (!paging) co_return std::unexpected(std::move(paging.error()));
  auto ways = co_await all_ways(call);
  if (!ways) co_return std::unexpected(std::move(ways.error()));
  NextHops hops;
  if (std::ranges::any_of(ways->routers, [](const Router& router) { return !router.routes.empty(); })) {
    auto found = co_await all_hops(call);
    if (!found) co_return std::unexpected(std::move(found.error()));
    hops = std::move(*found);
  }
  const std::string vpc = vpc_id(call.project()), owner = to_hex(call.project());
  std::vector<T> tables;
  for (ShownTable& table :
       route_tables(call.project(), ways->routers, ways->subnets, ways->lead_out, block_of(ways->subnets), hops))
    tables.push_back({std::move(table), vpc, owner});
  const Texts ids = call.parameters.texts("RouteTableId");
  if (auto chosen = choose(kTableId, tables, ids, &id_of, *filters, kTableRules); !chosen) co_return chosen;
  add_page(reply, "routeTableSet", tables, *paging, &id_of, &add_table);
  co_return Result<void>();
}

// ---- internet gateways

struct G {
  ShownGateway gateway;
  std::string vpc;
  std::string owner;
};
std::string id_of_gateway(const G& g) { return g.gateway.id; }

constexpr FilterRule<G> kGatewayRulesOf[] = {
    {"internet-gateway-id", [](const G& g, View) -> Texts { return {g.gateway.id}; }},
    {"attachment.state", [](const G&, View) -> Texts { return {"available"}; }},
    {"attachment.vpc-id", [](const G& g, View) -> Texts { return {g.vpc}; }},
    {"owner-id", [](const G& g, View) -> Texts { return {g.owner}; }},
    {"tag-key", [](const G& g, View) { return keys_of_tags(g.gateway.tags); }},
    {"tag:", [](const G& g, View key) { return values_of_tag(g.gateway.tags, key); }},
};
constexpr std::span<const FilterRule<G>> kGatewayRules(kGatewayRulesOf);

void add_gateway(Xml item, const G& g) {
  add(item, "internetGatewayId", g.gateway.id);
  add(item, "ownerId", g.owner);
  Xml attachment = add(add(item, "attachmentSet"), "item");
  add(attachment, "vpcId", g.vpc);
  add(attachment, "state", "available");
  add_tag_set(item, g.gateway.tags);
}

Task<Result<void>> describe_internet_gateways(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kGatewayRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto paging = read_paging(call.parameters, kGatewayId, kLeastResults, "InternetGatewayId");
  if (!paging) co_return std::unexpected(std::move(paging.error()));
  auto ways = co_await all_ways(call);
  if (!ways) co_return std::unexpected(std::move(ways.error()));
  std::vector<G> shown;
  for (ShownGateway& one : gateways(call.project(), ways->routers, ways->subnets, ways->lead_out))
    shown.push_back({std::move(one), vpc_id(call.project()), to_hex(call.project())});
  const Texts ids = call.parameters.texts("InternetGatewayId");
  if (auto chosen = choose(kGatewayId, shown, ids, &id_of_gateway, *filters, kGatewayRules); !chosen) co_return chosen;
  add_page(reply, "internetGatewaySet", shown, *paging, &id_of_gateway, &add_gateway);
  co_return Result<void>();
}

// ---- network ACLs: Neutron filters nothing between subnets, and that is what the default one says

struct Acl {
  std::string id;
  std::string vpc;
  std::string owner;
  std::vector<std::string> subnets;
};

// Of a subnet, by whose id it is found.
std::string acl_association_id(const std::string& subnet) {
  return "aclassoc-" + subnet.substr(std::min(subnet.size(), kSubnetId.prefix.size()));
}
Texts no_texts(const Acl&, View) { return {}; }

constexpr FilterRule<Acl> kAclRulesOf[] = {
    {"network-acl-id", [](const Acl& acl, View) -> Texts { return {acl.id}; }},
    {"vpc-id", [](const Acl& acl, View) -> Texts { return {acl.vpc}; }},
    {"owner-id", [](const Acl& acl, View) -> Texts { return {acl.owner}; }},
    {"default", [](const Acl&, View) -> Texts { return {"true"}; }},
    {"association.association-id",
     [](const Acl& acl, View) {
       Texts texts;
       for (const std::string& subnet : acl.subnets) texts.push_back(acl_association_id(subnet));
       return texts;
     }},
    {"association.network-acl-id",
     [](const Acl& acl, View) -> Texts { return acl.subnets.empty() ? Texts() : Texts{acl.id}; }},
    {"association.subnet-id", [](const Acl& acl, View) -> Texts { return acl.subnets; }},
    {"entry.cidr", [](const Acl&, View) -> Texts { return {"0.0.0.0/0"}; }},
    {"entry.ipv6-cidr", [](const Acl&, View) -> Texts { return {"::/0"}; }},
    {"entry.protocol", [](const Acl&, View) -> Texts { return {"-1"}; }},
    {"entry.rule-action", [](const Acl&, View) -> Texts { return {"allow"}; }},
    {"entry.rule-number", [](const Acl&, View) -> Texts { return {"100", "101"}; }},
    {"entry.egress", [](const Acl&, View) -> Texts { return {"true", "false"}; }},
    {"entry.icmp.code", &no_texts},
    {"entry.icmp.type", &no_texts},
    {"entry.port-range.from", &no_texts},
    {"entry.port-range.to", &no_texts},
    {"tag-key", &no_texts},
    {"tag:", &no_texts},
};
constexpr std::span<const FilterRule<Acl>> kAclRules(kAclRulesOf);

void add_acl(Xml item, const Acl& acl) {
  add(item, "networkAclId", acl.id);
  add(item, "vpcId", acl.vpc);
  add(item, "ownerId", acl.owner);
  add(item, "default", true);
  Xml entries = add(item, "entrySet");
  for (const bool is_egress : {false, true})
    for (const bool of_6 : {false, true}) {
      Xml entry = add(entries, "item");
      add(entry, "ruleNumber", of_6 ? 101 : 100);
      add(entry, "protocol", "-1");
      add(entry, "ruleAction", "allow");
      add(entry, "egress", is_egress);
      add(entry, of_6 ? "ipv6CidrBlock" : "cidrBlock", of_6 ? "::/0" : "0.0.0.0/0");
    }
  Xml associations = add(item, "associationSet");
  for (const std::string& subnet : acl.subnets) {
    Xml one = add(associations, "item");
    add(one, "networkAclAssociationId", acl_association_id(subnet));
    add(one, "networkAclId", acl.id);
    add(one, "subnetId", subnet);
  }
  add(item, "tagSet");
}

Task<Result<void>> describe_network_acls(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kAclRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto paging = read_paging(call.parameters, kAclId, kLeastResults, "NetworkAclId");
  if (!paging) co_return std::unexpected(std::move(paging.error()));
  auto subnets = co_await all_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  Acl acl{long_id(kAclId.prefix, call.project()), vpc_id(call.project()), to_hex(call.project()), {}};
  for (const ShownSubnet& one : *subnets) acl.subnets.push_back(subnet_id(one));
  std::vector<Acl> acls(1, std::move(acl));
  auto id_of_acl = [](const Acl& one) { return one.id; };
  const Texts ids = call.parameters.texts("NetworkAclId");
  if (auto chosen = choose(kAclId, acls, ids, id_of_acl, *filters, kAclRules); !chosen) co_return chosen;
  add_page(reply, "networkAclSet", acls, *paging, id_of_acl, &add_acl);
  co_return Result<void>();
}

// ---- attributes of the VPC

// Neutron's DHCP names a resolver to every subnet; guests have no names in a public DNS.
Task<Result<void>> describe_vpc_attribute(Ec2Call& call, Xml reply) {
  constexpr std::pair<View, bool> kAttributes[] = {
      {"enableDnsSupport", true}, {"enableDnsHostnames", false}, {"enableNetworkAddressUsageMetrics", false}};
  auto id = required(call.parameters, "VpcId");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto name = required(call.parameters, "Attribute");
  if (!name) co_return std::unexpected(std::move(name.error()));
  auto attribute = std::ranges::find(kAttributes, View(*name), [](const auto& one) { return one.first; });
  if (attribute == std::end(kAttributes))
    co_return refused("InvalidParameterValue", fmt::format("Value ({}) for parameter attribute is invalid. Unknown "
                                                           "attribute.",
                                                           in_quotes(*name)));
  if (auto checked = check_id(kVpcId, *id); !checked) co_return checked;
  if (*id != vpc_id(call.project())) co_return no_such(kVpcId, *id);
  add(reply, "vpcId", *id);
  add(add(reply, attribute->first.data()), "value", attribute->second);
  co_return Result<void>();
}

constexpr View kOfTables[] = {"Filter", "RouteTableId", "MaxResults", "NextToken"};
constexpr View kOfGateways[] = {"Filter", "InternetGatewayId", "MaxResults", "NextToken"};
constexpr View kOfAcls[] = {"Filter", "NetworkAclId", "MaxResults", "NextToken"};
constexpr View kOfAttribute[] = {"VpcId", "Attribute"};

constexpr Action kActions[] = {
    {"DescribeRouteTables", UserRole::kReader, &describe_route_tables, kOfTables},
    {"DescribeInternetGateways", UserRole::kReader, &describe_internet_gateways, kOfGateways},
    {"DescribeNetworkAcls", UserRole::kReader, &describe_network_acls, kOfAcls},
    {"DescribeVpcAttribute", UserRole::kReader, &describe_vpc_attribute, kOfAttribute},
};

}  // namespace

std::span<const Action> route_actions() { return kActions; }

}  // namespace kilonova::api::ec2
