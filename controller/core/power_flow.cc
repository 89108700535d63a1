#include "controller/core/power_flow.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "controller/core/row_commit.h"
#include "controller/core/transitions.h"

namespace kilonova::controller {
namespace {

bool is_power_task(TaskState task) {
  return task == TaskState::kPoweringOff || task == TaskState::kPoweringOn || task == TaskState::kRebooting ||
         task == TaskState::kRebootingHard;
}

PowerAction action_of(TaskState task) {
  switch (task) {
    case TaskState::kPoweringOff: return PowerAction::kStop;
    case TaskState::kPoweringOn: return PowerAction::kStart;
    case TaskState::kRebooting: return PowerAction::kReboot;
    default: return PowerAction::kRebootHard;
  }
}

}  // namespace

Task<Expected<ApiResponse>> PowerFlow::apply(Uuid instance, ServerAction::Action action, TraceContext trace) {
  auto lock = co_await world_.instance_locks.acquire(instance);
  const Instance* row = world_.instances.find(instance);
  if (!row) co_return fail(ErrorCode::kNotFound, fmt::format("server '{}' not found", to_string(instance)));
  if (auto allowed = check_power_action(*row, action); !allowed) co_return std::unexpected(allowed.error());
  co_return co_await begin(*row, action, trace);
}

Task<Expected<ApiResponse>> PowerFlow::begin(Instance next, ServerAction::Action action, TraceContext trace) {
  Uuid instance = next.uuid;
  next.operation += 1;
  next.task_state = task_state_during(action);
  next.updated_at = world_.loop.wall_now();
  if (!co_await commit_row(world_, std::move(next), {}))
    co_return fail(ErrorCode::kUnavailable, "the store refused the change: nothing was changed, try again");
  tell(*world_.instances.find(instance), trace);
  co_return Empty{};
}

bool PowerFlow::should_run(const PlacementId& placement) const {
  const Instance* row = world_.instances.find(placement.instance);
  return row && row->epoch == placement.epoch && row->vm_state == VmState::kActive &&
         row->task_state == TaskState::kNone;
}

Task<> PowerFlow::on_guest_off(PlacementId placement) {
  auto lock = co_await world_.instance_locks.acquire(placement.instance);
  if (!should_run(placement)) co_return;  // something was begun meanwhile, which ends this too
  const Instance& row = *world_.instances.find(placement.instance);
  world_.log.event(LogLevel::kWarning, "a guest is off that should run: the server is stopped",
                   {{"instance", to_string(row.uuid)}, {"host", row.host}});
  TraceContext trace = row.trace;
  (void)co_await begin(row, ServerAction::Action::kStop, trace);  // refused: the host says it again
}

void PowerFlow::tell(const Instance& row, TraceContext trace) {
  world_.drives.power_actions().insert(row.uuid);
  auto host = world_.records.hosts.find(row.host);
  if (host == world_.records.hosts.end()) return;
  ApplyPowerAction message{row.host, {row.uuid, row.epoch}, row.operation, action_of(row.task_state), trace};
  world_.transport.send(host->second.process, Message{0, std::move(message)});
}

Task<> PowerFlow::on_done(Peer from, PowerActionDone done) {
  auto lock = co_await world_.instance_locks.acquire(done.placement.instance);
  const Instance* row = world_.instances.find(done.placement.instance);
  if (!row || row->epoch != done.placement.epoch || row->host != done.host) {
    world_.transport.send(from.id, Message{0, ReportAnswer{done.host, done.placement, ReportAnswer::Verdict::kStale}});
    co_return;
  }
  if (row->operation != done.operation || !is_power_task(row->task_state)) co_return;
  Instance next = *row;
  apply_power_result(next, done, world_.loop.wall_now());
  if (co_await commit_row(world_, std::move(next), {})) world_.drives.power_actions().erase(done.placement.instance);
}

// An action that its host still works on, or has done, is the same action.
void PowerFlow::resend_unanswered() {
  if (world_.loop.now() - resent_ >= world_.options.report_interval) resend();
}

void PowerFlow::resend() {
  resent_ = world_.loop.now();
  std::vector<Uuid> pending(world_.drives.power_actions().begin(), world_.drives.power_actions().end());
  for (const Uuid& uuid : pending) {
    const Instance* row = world_.instances.find(uuid);
    if (row && is_power_task(row->task_state)) {
      tell(*row, row->trace);
    } else {
      world_.drives.power_actions().erase(uuid);
    }
  }
}

}  // namespace kilonova::controller
