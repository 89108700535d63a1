// Server actions that are work on a guest (domain/server_actions.h): operations within an epoch, as nova/compute/manager.py
// has them (stop_instance, start_instance, reboot_instance, ...).
#pragma once

#include <cstdint>

#include "compute-node/core/compute_state.h"
#include "domain/messages.h"
#include "runtime/task.h"

namespace kilonova::compute {

// The caller has checked the fence (epoch, operation) and noted the operation in the entry. Answers ServerActionDone;
// when the journal refuses, with a fault: the guest is as it was. That is final, as the controller may have taken it so: a
// repeat of the operation that was on its way gets the same answer.
Task<void> apply_server_action(ComputeState* state, uint32_t host, ApplyServerAction request);

// Again, what was answered before; nothing while the operation is under way.
void repeat_answer(ComputeState& state, const ApplyServerAction& request, const InstanceOnHost& entry);

// To the controller: there is no such guest here.
void answer_not_found(ComputeState& state, const ApplyServerAction& request);

}  // namespace kilonova::compute
