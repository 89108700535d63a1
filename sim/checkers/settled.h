// Liveness: what must hold some time after faults have ceased and clients are done. Every server is stable, the
// audit of `kilonova check` (lib/audit) finds nothing, daemons remember what their disks have, and none has anything left to do.
#pragma once

#include "sim/cloud.h"

namespace kilonova::sim {

// Looks at everything once. A dead node is a violation, and then nothing more is looked at.
void check_settled(const SimCloud& cloud, Violations& violations);

}  // namespace kilonova::sim
