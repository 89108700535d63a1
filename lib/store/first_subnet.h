// The subnet of a network from the time when each had one, whose row was the network's.
#pragma once

#include "domain/net.h"
#include "domain/nouns/network_part.h"

namespace kilonova {

// Its id is the one that was always shown: it follows from the network's.
Subnet first_subnet(const Network& network);

}  // namespace kilonova
