#include "compute-node/core/power_action.h"

#include <memory>
#include <utility>

namespace kilonova::compute {

PowerState power_state_after(PowerAction action) {
  return action == PowerAction::kStop ? PowerState::kShutdown : PowerState::kRunning;
}

namespace {

void answer(ComputeState& state, const ApplyPowerAction& request, PowerState power_state, Error fault) {
  PowerActionDone done{.host = request.host,
                       .placement = request.placement,
                       .operation = request.operation,
                       .power_state = power_state,
                       .fault = std::move(fault)};
  state.ports.transport.send(kController, Message{0, std::move(done)});
}

}  // namespace

void answer_not_found(ComputeState& state, const ApplyPowerAction& request) {
  answer(state, request, PowerState::kNoState,
         {ErrorCode::kNotFound, "Instance " + to_string(request.placement.instance) + " could not be found."});
}

void repeat_answer(ComputeState& state, const ApplyPowerAction& request, const InstanceOnHost& entry) {
  if (!entry.operation_done) return;
  Error fault = entry.operation_fault ? *entry.operation_fault : Error{ErrorCode::kInternal, ""};
  answer(state, request, entry.guest->power_state, std::move(fault));
}

// The entry outlives this flow, which is its work; the guest is safe only while the lock is held.
Task<void> apply_power_action(ComputeState* state, uint32_t host, ApplyPowerAction request) {
  const HostInstance key{host, request.placement.instance};
  auto lock = co_await state->instance_locks.acquire(key);
  InstanceOnHost& entry = *state->table.find(key);
  if (!entry.guest || entry.guest->epoch != request.placement.epoch) {  // destroyed while this waited
    entry.work = 0;
    answer_not_found(*state, request);
    state->forget_if_idle(key);
    co_return;
  }
  const bool running = entry.guest->power_state == PowerState::kRunning;
  const PowerState wanted = power_state_after(request.action);
  const bool reboot = request.action == PowerAction::kReboot || request.action == PowerAction::kRebootHard;
  if (running && (reboot || wanted == PowerState::kShutdown)) co_await state->ports.hypervisor.power_off();
  if (wanted == PowerState::kRunning && (reboot || !running)) co_await state->ports.hypervisor.power_on();

  Expected<> recorded = state->ports.journal.put(state->record_of(key, *entry.guest, wanted, true));
  entry.work = 0;
  entry.operation_done = true;
  if (recorded) {
    entry.guest->power_state = wanted;
  } else {
    entry.operation_fault = std::make_unique<Error>(std::move(recorded.error()));
  }
  repeat_answer(*state, request, entry);
}

}  // namespace kilonova::compute
