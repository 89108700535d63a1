#include "compute-node/core/instance_removal.h"

#include <utility>

namespace kilonova::compute {

Task<void> remove_instance(ComputeState* state, HostInstance key, uint64_t up_to_epoch,
                           std::optional<InstanceTerminated> confirmation) {
  auto lock = co_await state->instance_locks.acquire(key);
  co_await state->destroy_guest(key, up_to_epoch);
  if (confirmation) state->ports.transport.send(kController, Message{0, std::move(*confirmation)});
  state->forget_if_idle(key);
}

Task<void> remove_lost_build(ComputeState* state, HostInstance key) {
  auto lock = co_await state->instance_locks.acquire(key);
  const PlacementId placement{.instance = key.instance, .epoch = state->table.find(key)->epoch};
  state->releases.release(placement, {}, state->table.find(key)->shares_with);
  co_await state->destroy_guest(key, placement.epoch);
  InstanceReport report;
  report.host = state->host_name(key.host);
  report.placement = placement;
  report.result = BuildResult::kLost;
  report.fault = {ErrorCode::kUnavailable, "the compute process was restarted while it built the server"};
  state->send_terminal_report(key, std::move(report));
}

}  // namespace kilonova::compute
