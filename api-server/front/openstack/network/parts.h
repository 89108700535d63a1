// What the network-controller stores of Neutron's: networks, subnets and ports, with their details as JSON. Errors are
// Neutron's, as the network-controller names them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "base/time.h"
#include "domain/nouns/network_part.h"
#include "runtime/task.h"

namespace kilonova::api::openstack {

struct StoredNetwork {
  Network row;
  Json details = Json::object();
  uint64_t revision = 0;  // 0 = not stored yet
  WallTime updated_at = {};
  uint64_t used = 0;                 // addresses
  std::vector<Subnet> subnets = {};  // of what all_stored_networks and find_stored_network give
};

struct StoredSubnet {
  Subnet row;
  Json details = Json::object();
  uint64_t used = 0;
};

struct StoredPort {
  Port row;
  Json details = Json::object();
};

// Everybody's. What the caller may see is the caller's affair.
Task<std::expected<std::vector<StoredNetwork>, Refusal>> all_stored_networks(Call& call);
Task<std::expected<std::vector<StoredSubnet>, Refusal>> all_stored_subnets(Call& call, Uuid network = {});
// `device`: "" = of any.
Task<std::expected<std::vector<StoredPort>, Refusal>> all_stored_ports(Call& call, Uuid network = {},
                                                                       std::string device = {});
// Nothing where there is none.
Task<std::expected<std::optional<StoredNetwork>, Refusal>> find_stored_network(Call& call, Uuid id);
Task<std::expected<std::optional<StoredSubnet>, Refusal>> find_stored_subnet(Call& call, Uuid id);
Task<std::expected<std::optional<StoredPort>, Refusal>> find_stored_port(Call& call, Uuid id);

// Makes it (revision 0) or replaces the one of this revision, and gives back what is stored.
Task<std::expected<StoredNetwork, Refusal>> store(Call& call, StoredNetwork network);
Task<std::expected<StoredSubnet, Refusal>> store(Call& call, StoredSubnet subnet);
// `draws_addresses`: of each version one, whatever row.fixed_ips says.
Task<std::expected<StoredPort, Refusal>> store(Call& call, StoredPort port, bool draws_addresses = false);
// `kind`: "network", "subnet" or "port".
Task<Checked> delete_part(Call& call, std::string_view kind, Uuid id);

}  // namespace kilonova::api::openstack
