#include "sim/checkers/transitions.h"

#include <fmt/format.h>

namespace kilonova::sim {
namespace {

bool is_power_task(TaskState task) { return task >= TaskState::kPoweringOff && task <= TaskState::kRebootingHard; }

bool is_settled(const RowState& row) {
  bool stable = row.vm_state == VmState::kActive || row.vm_state == VmState::kStopped || row.vm_state == VmState::kError;
  return stable && row.task_state == TaskState::kNone;
}

bool is_first(const RowState& row) {
  return row.vm_state == VmState::kBuilding && row.task_state == TaskState::kScheduling && row.epoch == 1 &&
         row.attempt == 1 && row.host.empty();
}

// building -> ...
bool may_follow_building(const RowState& a, const RowState& b) {
  if (b.vm_state == VmState::kActive)
    return b.task_state == TaskState::kNone && b.epoch == a.epoch && !b.host.empty() &&
           (a.host.empty() || a.host == b.host) && b.launched;
  if (b.vm_state == VmState::kError)
    return b.task_state == TaskState::kNone && b.epoch == a.epoch && b.host.empty() && b.faulted;
  if (b.vm_state != VmState::kBuilding) return false;
  if (b.epoch == a.epoch)  // progress
    return b.attempt == a.attempt && b.step > a.step && !b.host.empty() && (a.host.empty() || a.host == b.host) &&
           b.task_state >= TaskState::kScheduling && b.task_state <= TaskState::kSpawning;
  bool next_try = b.epoch == a.epoch + 1 && (b.attempt == a.attempt || b.attempt == a.attempt + 1);
  return next_try && b.task_state == TaskState::kScheduling && b.host.empty();
}

// active, stopped, error, perhaps with a power action under way -> ...
bool may_follow_built(const RowState& a, const RowState& b) {
  if (b.epoch != a.epoch || b.host != a.host) return false;
  if (is_power_task(b.task_state)) return b.vm_state == a.vm_state && b.operation == a.operation + 1;
  return is_power_task(a.task_state) && is_settled(b) && b.operation == a.operation;
}

}  // namespace

std::string wrong_transition(const RowState* before, const RowState* after) {
  if (before == nullptr) return is_first(*after) ? "" : fmt::format("began as {}", describe(*after));
  if (after == nullptr)
    return before->task_state == TaskState::kDeleting ? "" : fmt::format("vanished while {}", describe(*before));
  bool allowed = false;
  if (before->task_state == TaskState::kDeleting) {
    allowed = false;
  } else if (after->task_state == TaskState::kDeleting) {
    allowed = after->epoch == before->epoch + 1 && after->vm_state == before->vm_state;
  } else if (before->vm_state == VmState::kBuilding) {
    allowed = may_follow_building(*before, *after);
  } else {
    allowed = may_follow_built(*before, *after);
  }
  return allowed ? "" : fmt::format("went from {} to {}", describe(*before), describe(*after));
}

void TransitionChecker::on_row(const Uuid& uuid, const RowState* before, const RowState* after) {
  if (std::string wrong = wrong_transition(before, after); !wrong.empty())
    violations_.add("transitions", fmt::format("server {} {}", to_string(uuid), wrong));
}

}  // namespace kilonova::sim
