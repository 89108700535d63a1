// What a compute process believes, in pages, for audits (`kilonova check`): the hypervisors' journal as it reads now, what
// the process itself remembers of servers, and the usage of its hosts. Loop thread only.
#pragma once

#include "compute-node/core/compute_state.h"
#include "domain/beliefs.h"

namespace kilonova::compute {

// kInvalidArgument for beliefs that others hold, and for a position that no page ended with; the journal's errors.
Expected<BeliefPage> describe_beliefs(const ComputeState& state, const ReadBeliefs& request);

}  // namespace kilonova::compute
