#include "api-server/front/ec2/route_tables.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/rows.h"
#include "domain/ip_address.h"

namespace kilonova::api::ec2 {
namespace {

constexpr std::string_view kAnywhere = "0.0.0.0/0";
constexpr std::string_view kLocal = "local";

bool is_on(const Router& router, const Uuid& subnet) {
  return std::ranges::find(router.interfaces, subnet, &FixedIp::subnet_id) != router.interfaces.end();
}

bool is_gateway_of(const Router& router, const Subnet& subnet) {
  return !subnet.gateway.empty() && std::ranges::any_of(router.interfaces, [&](const FixedIp& one) {
    return one.subnet_id == subnet.id && one.ip == subnet.gateway;
  });
}

// nullptr: none leads on from there.
const Router* router_of(const Subnet& subnet, const std::vector<Router>& routers) {
  auto found = std::ranges::find_if(routers, [&](const Router& router) { return is_gateway_of(router, subnet); });
  if (found == routers.end())
    found = std::ranges::find_if(routers, [&](const Router& router) { return is_on(router, subnet.id); });
  return found == routers.end() ? nullptr : &*found;
}

std::string gateway_of(const Router& router) { return long_id(kGatewayId.prefix, std::string_view(router.uuid)); }

ShownRoute local_to(const std::string& cidr) { return {.destination = cidr, .gateway = std::string(kLocal)}; }

// A next hop that is on none of its subnets is beyond its gateway.
ShownRoute route_of(const Router& router, const std::vector<ShownSubnet>& subnets, const std::string& destination,
                    const std::string& next, const NextHops& hops) {
  ShownRoute route{.destination = destination, .is_active = router.is_up, .is_made = true};
  const std::optional<IpAddress> address = parse_ip(next);
  bool is_inside = false;
  for (const ShownSubnet& one : subnets) {
    const Subnet& row = one.subnet.row;
    std::optional<IpNetwork> network = parse_ip_network(row.cidr);
    if (!is_on(router, row.id) || !address || !network || !contains(*network, *address)) continue;
    is_inside = true;
    if (auto found = hops.find({row.id, next}); found != hops.end()) {
      route.hop = found->second;
      return route;
    }
  }
  if (!is_inside && router.has_gateway) route.gateway = gateway_of(router);
  route.is_active = router.is_up && !route.gateway.empty();
  return route;
}

void add_default(ShownTable& table, const std::string& gateway, bool is_active) {
  if (std::ranges::find(table.routes, kAnywhere, &ShownRoute::destination) != table.routes.end()) return;
  table.routes.push_back(
      {.destination = std::string(kAnywhere), .gateway = gateway, .is_active = is_active, .is_made = true});
}

ShownTable table_of(const Router& router, const std::vector<ShownSubnet>& subnets, const std::vector<Router>& routers,
                    const NextHops& hops) {
  ShownTable table{.id = long_id(kTableId.prefix, std::string_view(router.uuid)), .tags = router.tags};
  for (const ShownSubnet& one : subnets) {
    if (!is_on(router, one.subnet.row.id)) continue;
    table.routes.push_back(local_to(one.subnet.row.cidr));
    if (router_of(one.subnet.row, routers) == &router)
      table.associations.push_back({route_association_id(router.uuid, to_string(one.subnet.row.id)), subnet_id(one)});
  }
  for (const auto& [destination, next] : router.routes)
    table.routes.push_back(route_of(router, subnets, destination, next, hops));
  if (router.has_gateway) add_default(table, gateway_of(router), router.is_up);
  return table;
}

bool is_everybodys(const ShownSubnet& one, const std::vector<Router>& routers) {
  return one.is_shared && router_of(one.subnet.row, routers) == nullptr;
}

}  // namespace

std::vector<ShownTable> route_tables(const Uuid& project, const std::vector<Router>& routers,
                                     const std::vector<ShownSubnet>& subnets, bool leads_out, const std::string& block,
                                     const NextHops& hops) {
  std::vector<ShownTable> tables;
  ShownTable main{.id = long_id(kTableId.prefix, project), .is_main = true};
  main.associations.push_back({long_id("rtbassoc-", project), ""});
  std::map<Uuid, ShownTable> of_networks;
  for (const ShownSubnet& one : subnets) {
    const Subnet& row = one.subnet.row;
    if (router_of(row, routers) != nullptr) continue;
    if (one.is_shared) {
      main.routes.push_back(local_to(row.cidr));
      continue;
    }
    ShownTable& table = of_networks[row.network_id];
    table.id = long_id(kTableId.prefix, row.network_id);
    table.routes.push_back(local_to(row.cidr));
    table.associations.push_back({route_association_id(to_string(row.network_id), to_string(row.id)), subnet_id(one)});
  }
  const bool has_own = !main.routes.empty();
  if (!has_own) main.routes.push_back(local_to(block));
  if (has_own && leads_out) add_default(main, long_id(kGatewayId.prefix, project), true);
  tables.push_back(std::move(main));
  for (const Router& router : routers) tables.push_back(table_of(router, subnets, routers, hops));
  for (auto& [network, table] : of_networks) tables.push_back(std::move(table));
  return tables;
}

std::vector<ShownGateway> gateways(const Uuid& project, const std::vector<Router>& routers,
                                   const std::vector<ShownSubnet>& subnets, bool leads_out) {
  std::vector<ShownGateway> shown;
  if (leads_out && std::ranges::any_of(subnets, [&](const ShownSubnet& one) { return is_everybodys(one, routers); }))
    shown.push_back({long_id(kGatewayId.prefix, project), {}});
  for (const Router& router : routers)
    if (router.has_gateway) shown.push_back({gateway_of(router), router.gateway_tags});
  return shown;
}

}  // namespace kilonova::api::ec2
