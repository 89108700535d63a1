// Stop, start and reboot of a guest: an operation within an epoch (nova/compute/manager.py stop_instance,
// start_instance, reboot_instance).
#pragma once

#include <cstdint>

#include "compute-node/core/compute_state.h"
#include "domain/messages.h"
#include "runtime/task.h"

namespace kilonova::compute {

// The caller has checked the fence (epoch, operation) and noted the operation in the entry. Answers PowerActionDone;
// when the journal refuses, with a fault: the guest is as it was and a repeat tries again.
Task<void> apply_power_action(ComputeState* state, uint32_t host, ApplyPowerAction request);

// To the controller: there is no such guest here; or it is in this state already.
void answer_not_found(ComputeState& state, const ApplyPowerAction& request);
void answer_done(ComputeState& state, const ApplyPowerAction& request, PowerState power_state);

PowerState power_state_after(PowerAction action);

}  // namespace kilonova::compute
