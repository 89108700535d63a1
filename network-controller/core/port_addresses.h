// Which addresses a port gets: decided and reserved, before they are committed.
// Rules: Neutron's (neutron/db/db_base_plugin_v2.py, ipam_backend_mixin.py); docs/adr/0023-ports-and-subnets.md.
// Pure; loop thread only.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/net.h"
#include "domain/nouns/network_part.h"
#include "network-controller/core/address_pool.h"
#include "network-controller/core/network_table.h"

namespace kilonova::network {

// Those that are new are freed again unless they are kept.
struct ReservedAddresses {
  std::vector<FixedIp> fixed_ips;  // all, the new ones and those that stay
  std::vector<AddressReservation> added;

  void keep() {
    for (AddressReservation& address : added) address.keep();
  }
};

// A refusal that names Neutron's exception first, for the front that answers with it: "PortNotFound: Port ...".
std::unexpected<Error> refuse_as(ErrorCode code, std::string_view exception, std::string_view message);

// Unasked: of the first IPv4 subnet with a free address one, of the first IPv6 subnet likewise, and one of every automatic
// subnet. None where the network has no subnet. kResourceExhausted: all of a version are full.
Expected<ReservedAddresses> draw_addresses(NetworkEntry& network, Mac mac);

// As asked for; `held` is what the port has already. kInvalidArgument: of no subnet of the network. kConflict: in use.
Expected<ReservedAddresses> take_addresses(NetworkEntry& network, const std::vector<FixedIp>& wanted, Mac mac,
                                           const std::vector<FixedIp>& held);

// Frees what is of `held` and not of `kept`.
void free_fixed_ips(NetworkEntry& network, const std::vector<FixedIp>& held, const std::vector<FixedIp>& kept);

// What its server's nic shows; 0.0.0.0 where it has none.
Ipv4 first_ipv4(const Port& port);

// Automatic addresses of hosts, which routers have not.
bool is_router_port(const Port& port);

}  // namespace kilonova::network
