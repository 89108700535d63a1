// The flow that takes away what a host has of a server: for a delete, for a placement that went stale, for an orphan.
#pragma once

#include <cstdint>
#include <optional>

#include "compute-node/core/compute_state.h"
#include "domain/messages.h"
#include "runtime/task.h"

namespace kilonova::compute {

// Destroys the guest if it is of that epoch or an older one, then sends the confirmation, if one is asked for. The
// caller has cancelled the work of such epochs. Harmless when there is nothing.
Task<void> remove_instance(ComputeState* state, HostInstance key, uint64_t up_to_epoch,
                           std::optional<InstanceTerminated> confirmation);

// A build that a restart found unfinished in the journal: destroyed, its addresses asked back, reported lost. The caller
// has made the build's entry in the table.
Task<void> remove_lost_build(ComputeState* state, HostInstance key);

}  // namespace kilonova::compute
