#include "compute-node/core/power_action.h"

#include <utility>

namespace kilonova::compute {

PowerState power_state_after(PowerAction action) {
  return action == PowerAction::kStop ? PowerState::kShutdown : PowerState::kRunning;
}

// The entry outlives this flow: it is the entry's work, and what replaces the guest cancels the work first.
Task<void> apply_power_action(ComputeState* state, uint32_t host, ApplyPowerAction request) {
  const HostInstance key{host, request.placement.instance};
  auto lock = co_await state->instance_locks.acquire(key);
  const bool running = state->table.find(key)->guest->power_state == PowerState::kRunning;
  const PowerState wanted = power_state_after(request.action);
  const bool reboot = request.action == PowerAction::kReboot || request.action == PowerAction::kRebootHard;
  if (running && (reboot || wanted == PowerState::kShutdown)) co_await state->ports.hypervisor.power_off();
  if (wanted == PowerState::kRunning && (reboot || !running)) co_await state->ports.hypervisor.power_on();

  InstanceOnHost& entry = *state->table.find(key);
  Expected<> recorded = state->ports.journal.put(state->record_of(key, *entry.guest, wanted, true));
  PowerActionDone done{.host = std::move(request.host),
                       .placement = request.placement,
                       .operation = request.operation,
                       .power_state = wanted};
  entry.work = 0;
  if (recorded) {
    entry.guest->power_state = wanted;
    entry.operation_done = true;
  } else {
    entry.operation = request.operation - 1;
    done.power_state = entry.guest->power_state;
    done.fault = recorded.error();
  }
  state->ports.transport.send(kController, Message{0, std::move(done)});
}

}  // namespace kilonova::compute
