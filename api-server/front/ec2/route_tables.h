// Route tables as EC2 shows them: Neutron's routers, and what leads on where there is none. Pure.
//
// A subnet is in the table of the router that has its gateway address, and else in that of the first router by id that
// is on it. Subnets of networks that are everybody's need no router: they are in the main table, which leads to the
// external network. What is left reaches nothing but its own network, whose table says so.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api-server/front/ec2/subnets.h"
#include "base/ids.h"
#include "domain/metadata.h"
#include "domain/nouns/network_part.h"

namespace kilonova::api::ec2 {

struct Router {
  std::string uuid;
  bool is_up = true;
  bool has_gateway = false;                                      // on an external network
  std::vector<FixedIp> interfaces;                               // its addresses on subnets
  std::vector<std::pair<std::string, std::string>> routes = {};  // destination and next hop
  std::vector<MetadataItem> tags = {};
  std::vector<MetadataItem> gateway_tags = {};
};

// What has an address on a subnet.
struct NextHop {
  std::string interface;  // "eni-..."
  std::string instance;   // "" = none has it
};
using NextHops = std::map<std::pair<Uuid, std::string>, NextHop>;  // by subnet and address

struct ShownRoute {
  std::string destination;
  std::string gateway = {};  // "local", "igw-..."; "" = an interface, or nothing that is there
  NextHop hop = {};
  bool is_active = true;
  bool is_made = false;  // and not of the table from its beginning
};
struct ShownAssociation {
  std::string id;
  std::string subnet;  // "" = of the main table
};
struct ShownTable {
  std::string id;
  std::vector<ShownRoute> routes;
  std::vector<ShownAssociation> associations;
  std::vector<MetadataItem> tags;
  bool is_main = false;
};
inline std::string table_id(const ShownTable& table) { return table.id; }

// `leads_out`: there is an external network, to which the networks that are everybody's lead. `block`: the VPC's.
std::vector<ShownTable> route_tables(const Uuid& project, const std::vector<Router>& routers,
                                     const std::vector<ShownSubnet>& subnets, bool leads_out, const std::string& block,
                                     const NextHops& hops);

struct ShownGateway {
  std::string id;
  std::vector<MetadataItem> tags;
};
inline std::string gateway_id(const ShownGateway& gateway) { return gateway.id; }
// Of each router that has one, and the one of the networks that are everybody's.
std::vector<ShownGateway> gateways(const Uuid& project, const std::vector<Router>& routers,
                                   const std::vector<ShownSubnet>& subnets, bool leads_out);

}  // namespace kilonova::api::ec2
