#include "compute-node/core/host_actions.h"

#include <memory>
#include <utility>

#include "base/sometimes.h"
#include "domain/server_actions.h"

namespace kilonova::compute {

namespace {

void answer(ComputeState& state, const ApplyServerAction& request, PowerState power_state, Error fault) {
  ServerActionDone done{.host = request.host,
                        .placement = request.placement,
                        .operation = request.operation,
                        .power_state = power_state,
                        .fault = std::move(fault)};
  state.ports.transport.send(kController, Message{0, std::move(done)});
}

}  // namespace

void answer_not_found(ComputeState& state, const ApplyServerAction& request) {
  answer(state, request, PowerState::kNoState,
         {ErrorCode::kNotFound, "Instance " + to_string(request.placement.instance) + " could not be found."});
}

void repeat_answer(ComputeState& state, const ApplyServerAction& request, const InstanceOnHost& entry) {
  if (!entry.operation_done) return;
  Error fault = entry.operation_fault ? *entry.operation_fault : Error{ErrorCode::kInternal, ""};
  answer(state, request, entry.guest->power_state, std::move(fault));
}

// The entry outlives this flow, which is its work; the guest is safe only while the lock is held.
Task<void> apply_server_action(ComputeState* state, uint32_t host, ApplyServerAction request) {
  const HostInstance key{host, request.placement.instance};
  auto lock = co_await state->instance_locks.acquire(key);
  InstanceOnHost& entry = *state->table.find(key);
  if (!entry.guest || entry.guest->epoch != request.placement.epoch) {
    entry.work = 0;
    answer_not_found(*state, request);
    state->forget_if_idle(key);
    co_return;
  }
  PowerState power = entry.guest->power_state;
  for (GuestWork work : find_action(request.action)->work) {
    const std::optional<PowerState> leaves = info_of(work).power;
    if (leaves && std::exchange(power, *leaves) == *leaves) continue;
    if (work == GuestWork::kReimage) co_await state->fetch_image(host, request.image);
    co_await state->ports.hypervisor.work_on_guest(work, request.image.size_bytes);
  }

  Expected<> recorded = state->ports.journal.put(state->record_of(key, *entry.guest, power, true));
  entry.work = 0;
  entry.operation_done = true;
  if (recorded) {
    entry.guest->power_state = power;
  } else {
    KN_SOMETIMES("compute: the journal refuses an action");
    entry.operation_fault = std::make_unique<Error>(std::move(recorded.error()));
  }
  repeat_answer(*state, request, entry);
}

}  // namespace kilonova::compute
