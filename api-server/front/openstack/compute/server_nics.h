// The nics that a new server is asked for: networks, ports, and networks with an address, for which a port is made
// first.
#pragma once

#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"

namespace kilonova::api::openstack {

struct WantedNics {
  std::vector<std::string> networks;  // as CreateServers has them
  std::vector<Uuid> made_ports;       // that nobody needs when the server is refused
};

// `networks`: of the request's body, null where it says none. 400, 403, 404 and 409 in Nova's words; then nothing was
// made.
Task<std::expected<WantedNics, Refusal>> prepare_nics(Call& call, const Json& networks, bool is_one_server);
// Says whose they are, so that they go with the server even where it never gets to its nics.
Task<void> give_ports(Call& call, std::vector<Uuid> ports, Uuid server);
Task<void> drop_ports(Call& call, std::vector<Uuid> ports);

}  // namespace kilonova::api::openstack
