// Liveness: what must hold some time after faults have ceased and clients are done. Every server is stable, and what the
// daemons and disks hold is what the rows say: guests, claims, allocations, addresses, debits.
#pragma once

#include "sim/cloud.h"

namespace kilonova::sim {

// Looks at everything once. Every node must be alive.
void check_settled(const SimCloud& cloud, Violations& violations);

}  // namespace kilonova::sim
