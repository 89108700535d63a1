// The nics that a new server is asked for: networks, ports, and networks with an address, for which a port is made
// first.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/network/parts.h"

namespace kilonova::api::openstack {

struct WantedNics {
  std::vector<std::string> networks;               // as CreateServers has them
  std::vector<Uuid> made_ports;                    // that nobody needs when the server is refused
  std::vector<std::pair<Uuid, std::string>> tags;  // of ports: what the guest is to be told that they are called
};

// `networks`: of the request's body, null where it says none; of EC2's also "subnet", where in the network an interface
// is to be, and of the port that is made for it "port_id", its "security_groups", more addresses as "more_ips" ("" = any
// of the subnet), other "details", and whether it "stays" after the server. 400, 403, 404 and 409 in Nova's words; then
// nothing was made.
// `groups`: ids of the security groups of those that are made; none = the default one.
Task<std::expected<WantedNics, Refusal>> prepare_nics(Call& call, const Json& networks, bool is_one_server,
                                                      const std::vector<std::string>& groups);
// What a guest is told its nic is called, for as long as this server has it; null where nothing was said.
Json device_tag(const StoredPort& port);
void set_device_tag(StoredPort& port, const Uuid& server, const std::string& tag);
// Says whose they are, so that they go with the server even where it never gets to its nics; not of those that stay.
Task<void> give_ports(Call& call, std::vector<Uuid> ports, Uuid server);
Task<void> give_tags(Call& call, std::vector<std::pair<Uuid, std::string>> tags, Uuid server);
Task<void> drop_ports(Call& call, std::vector<Uuid> ports);

}  // namespace kilonova::api::openstack
