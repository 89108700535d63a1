#include "sim/checkers/transitions.h"

#include <fmt/format.h>

namespace kilonova::sim {
namespace {

bool is_power_task(TaskState task) { return task >= TaskState::kPoweringOff && task <= TaskState::kRebootingHard; }

// What no change of a built row may touch: it is where and as it was built.
bool is_same_placement(const RowState& a, const RowState& b) {
  return a.host == b.host && a.attempt == b.attempt && a.step == b.step && a.addresses == b.addresses &&
         a.launched == b.launched;
}

bool is_first(const RowState& row) {
  return row.vm_state == VmState::kBuilding && row.task_state == TaskState::kScheduling && row.epoch == 1 &&
         row.attempt == 1 && row.operation == 0 && row.host.empty() && row.addresses.empty() && !row.launched &&
         !row.faulted;
}

// Nova's task_state between two steps.
TaskState task_after(LaunchStep step) {
  if (step >= LaunchStep::kBlockDevicesMapped) return TaskState::kSpawning;
  if (step >= LaunchStep::kAddressAllocated) return TaskState::kBlockDeviceMapping;
  return step >= LaunchStep::kClaimed ? TaskState::kNetworking : TaskState::kScheduling;
}

// building -> ...
bool may_follow_building(const RowState& a, const RowState& b) {
  bool stays_bound = !b.host.empty() && (a.host.empty() || a.host == b.host);
  if (b.vm_state == VmState::kActive)
    return b.task_state == TaskState::kNone && b.epoch == a.epoch && b.attempt == a.attempt && b.operation == 0 &&
           stays_bound && b.step == LaunchStep::kActive && b.launched && !b.addresses.empty();
  if (b.vm_state == VmState::kError)
    return b.task_state == TaskState::kNone && b.epoch == a.epoch && b.attempt == a.attempt && b.host.empty() &&
           b.addresses.empty() && b.faulted && !b.launched;
  if (b.vm_state != VmState::kBuilding || b.launched || b.faulted || b.operation != 0 || !b.addresses.empty())
    return false;
  if (b.epoch == a.epoch)  // progress
    return b.attempt == a.attempt && b.step > a.step && b.step < LaunchStep::kActive && stays_bound &&
           b.task_state == task_after(b.step);
  // Who was bound costs an attempt; so may one that a host reported and that no progress was committed of.
  bool counted = b.attempt == a.attempt + 1;
  return b.epoch == a.epoch + 1 && (counted || (b.attempt == a.attempt && a.host.empty())) &&
         b.task_state == TaskState::kScheduling && b.step == LaunchStep::kNone && b.host.empty();
}

// nova/compute/api.py check_instance_state of os-stop, os-start, reboot; all need a host.
bool may_begin(const RowState& a, TaskState task) {
  bool active = a.vm_state == VmState::kActive, stopped = a.vm_state == VmState::kStopped;
  bool rebooting = a.task_state == TaskState::kRebooting || a.task_state == TaskState::kRebootingHard;
  if (a.host.empty() || (a.task_state != TaskState::kNone && !(rebooting && task == TaskState::kRebootingHard)))
    return false;
  switch (task) {
    case TaskState::kPoweringOff: return active || a.vm_state == VmState::kError;
    case TaskState::kPoweringOn: return stopped;
    case TaskState::kRebooting: return active;
    case TaskState::kRebootingHard: return active || stopped || a.vm_state == VmState::kError;
    default: return false;
  }
}

// active, stopped, error, perhaps with a power action under way -> ...
bool may_follow_built(const RowState& a, const RowState& b) {
  if (b.epoch != a.epoch || !is_same_placement(a, b)) return false;
  if (b.operation == a.operation + 1) return b.vm_state == a.vm_state && may_begin(a, b.task_state);
  bool done = b.vm_state == VmState::kActive || b.vm_state == VmState::kStopped;
  bool failed = b.vm_state == a.vm_state && b.faulted;
  return is_power_task(a.task_state) && b.task_state == TaskState::kNone && b.operation == a.operation &&
         (done || failed);
}

bool may_be_deleted(const RowState& a, const RowState& b) {
  return b.epoch == a.epoch + 1 && b.vm_state == a.vm_state && b.operation == a.operation && is_same_placement(a, b);
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
    allowed = may_be_deleted(*before, *after);
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
