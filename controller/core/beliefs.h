// What the controller believes, in pages: its rows, allocations, hosts, and what its counters say is used of quotas. For
// audits (`kilonova check`), which compare it with what the other daemons believe. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "controller/core/host_registry.h"
#include "domain/beliefs.h"

namespace kilonova::controller {

// kInvalidArgument for beliefs that others hold, and for a position that no page ended with.
Expected<BeliefPage> describe_beliefs(const ControllerWorld& world, const HostRegistry& hosts,
                                      const ReadBeliefs& request);

}  // namespace kilonova::controller
