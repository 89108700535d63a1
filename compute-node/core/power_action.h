// Stop, start and reboot of a guest: an operation within an epoch (nova/compute/manager.py stop_instance,
// start_instance, reboot_instance).
#pragma once

#include <cstdint>

#include "compute-node/core/compute_state.h"
#include "domain/messages.h"
#include "runtime/task.h"

namespace kilonova::compute {

// The caller has checked the fence (epoch, operation) and noted the operation in the entry. Answers PowerActionDone;
// when the journal refuses, with a fault: the guest is as it was. That is final, as the controller may have taken it so: a
// repeat of the operation that was on its way gets the same answer.
Task<void> apply_power_action(ComputeState* state, uint32_t host, ApplyPowerAction request);

// Again, what was answered before; nothing while the operation is under way.
void repeat_answer(ComputeState& state, const ApplyPowerAction& request, const InstanceOnHost& entry);

// To the controller: there is no such guest here.
void answer_not_found(ComputeState& state, const ApplyPowerAction& request);

PowerState power_state_after(PowerAction action);

}  // namespace kilonova::compute
