// What a subnet must be, beside the form that its operation checks. Pure.
#pragma once

#include "base/error.h"
#include "domain/nouns/network_part.h"
#include "network-controller/core/network_table.h"

namespace kilonova::network {

// kInvalidArgument and kConflict in Neutron's words: cidr and pools are of one network, no two pools overlap, and no
// other subnet of the network overlaps it.
Expected<> check_subnet(const Subnet& subnet, const NetworkEntry& network);

}  // namespace kilonova::network
