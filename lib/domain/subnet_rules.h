// What follows from a subnet's cidr. Pure.
#pragma once

#include <optional>
#include <vector>

#include "domain/ip_address.h"
#include "domain/net.h"
#include "domain/nouns/network_part.h"

namespace kilonova {

// Neutron's default pools: all addresses but the gateway and, of IPv4, the first and the last; of IPv6 but the first.
std::vector<AddressRange> default_pools(IpNetwork network, std::optional<IpAddress> gateway);

// The subnet that a network made with a cidr has, with these of its facts. A network has a cidr.
Subnet ipv4_subnet_of(const Network& network, Uuid id);

}  // namespace kilonova
