// Ports: those that have a record, and the nics of servers that have none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/network/parts.h"
#include "domain/instance.h"

namespace kilonova::api::openstack {

struct ShownPort {
  StoredPort port;
  bool is_bare_nic = false;  // it has no record: its first change makes one
  // Of its server, where it has one.
  std::string host = {};
  bool is_plugged = false;
  std::string zone = {};
};

// Those that the caller may see. `device`: "" = of any.
Task<std::expected<std::vector<ShownPort>, Refusal>> all_ports(Call& call, std::string device = {});
// 404 for one that the caller does not see.
Task<std::expected<ShownPort, Refusal>> find_port(Call& call, std::string id);
// A server's, in the order of its nics.
Task<std::expected<std::vector<ShownPort>, Refusal>> ports_of_server(Call& call, const Instance& server);

// What a port has that another front makes, beside what the body of a POST says.
struct PortPart {
  Uuid id = {};  // nil = one is drawn
  Json details = Json::object();
};
// As of a POST with this port in its body. 409 where a port has the id.
Task<std::expected<StoredPort, Refusal>> make_port(Call& call, const Json& wanted, PortPart part);

// A port of a router or floating IP: nobody's, unless `project` says whose.
Task<std::expected<StoredPort, Refusal>> make_service_port(Call& call, const Network& network, std::string owner,
                                                           std::string device, std::vector<FixedIp> fixed_ips,
                                                           Uuid project = {});

Json fixed_ips_view(const Port& port);

// {"subnet_id", "ip_address"} each; what is wrong with them in Neutron's words.
std::expected<std::vector<FixedIp>, Refusal> read_fixed_ips(const Json& list);

}  // namespace kilonova::api::openstack
