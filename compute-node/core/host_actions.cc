#include "compute-node/core/host_actions.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "base/sometimes.h"
#include "domain/injected_fault.h"
#include "domain/server_actions.h"
#include "ports/struck.h"

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

// It is done, or came to nothing.
void end_action(InstanceOnHost& entry, std::optional<Error> fault) {
  entry.work = 0;
  entry.operation_done = true;
  if (fault) entry.operation_fault = std::make_unique<Error>(std::move(*fault));
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
  const ServerActionInfo& action = *find_action(request.action);
  const Struck struck = co_await be_struck(
      &state->faults, &state->ports.loop, faults_at(request.faults, LaunchStep::kNone, request.host, state->daemon),
      {.placement = request.placement, .operation = request.operation, .host = request.host});
  if (struck.drops) {
    // As if it had never come: the controller says it again.
    entry.work = 0;
    entry.operation = request.operation - 1;
    state->forget_if_idle(key);
    co_return;
  }
  if (struck.fails) {
    end_action(entry, injected_error(*struck.fails));
    repeat_answer(*state, request, entry);
    co_return;
  }
  PowerState power = entry.guest->power_state;
  if (state->gates.closed() && action.work.begin() == action.work.end())
    co_await state->gates.pass(key, std::string(action.name));
  for (GuestWork work : action.work) {
    const std::optional<PowerState> leaves = info_of(work).power;
    if (leaves && std::exchange(power, *leaves) == *leaves) continue;
    if (state->gates.closed()) co_await state->gates.pass(key, fmt::format("{}: {}", action.name, info_of(work).name));
    if (work == GuestWork::kReimage) co_await state->fetch_image(host, request.image);
    co_await state->ports.hypervisor.work_on_guest(work, request.image.size_bytes);
  }

  Expected<> recorded = state->ports.journal.put(state->record_of(key, *entry.guest, power, true));
  if (recorded) {
    entry.guest->power_state = power;
  } else {
    KN_SOMETIMES("compute: the journal refuses an action");
  }
  end_action(entry, recorded ? std::nullopt : std::optional<Error>(std::move(recorded.error())));
  if (!struck.loses_reply) repeat_answer(*state, request, entry);
}

}  // namespace kilonova::compute
