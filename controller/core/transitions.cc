#include "controller/core/transitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/core/move_transitions.h"
#include "domain/server_action_rules.h"
#include "domain/server_actions.h"

namespace kilonova::controller {
namespace {

constexpr size_t kFaultMessageMax = 255;  // nova/db/main/models.py InstanceFault.message

}  // namespace

const Placement* placement_with_guest(const Instance& row, uint64_t epoch) {
  const Placement* placement = row.has_given_up() ? nullptr : row.placement_of(epoch);
  const bool is_nowhere = placement && placement->host.empty() && placement != row.being_built();
  return is_nowhere ? nullptr : placement;
}

Verdict judge_report(const Instance* row, const InstanceReport& report) {
  if (!row || row->task_state == TaskState::kDeleting) return Verdict::kStale;
  const Placement* placement = row->placement_of(report.placement.epoch);
  if (!placement) return Verdict::kStale;
  if (!placement->host.empty() && placement->host != report.host) return Verdict::kStale;
  const bool building = placement == row->being_built();
  if (report.result == BuildResult::kProgress)
    return building && report.step > placement->step ? Verdict::kApply : Verdict::kRepeat;
  if (building) return Verdict::kApply;
  return report.result == BuildResult::kActive && placement->host == report.host ? Verdict::kRepeat : Verdict::kStale;
}

TaskState task_state_after(LaunchStep step) {
  if (step >= LaunchStep::kBlockDevicesMapped) return TaskState::kSpawning;
  if (step >= LaunchStep::kAddressAllocated) return TaskState::kBlockDeviceMapping;
  if (step >= LaunchStep::kClaimed) return TaskState::kNetworking;
  return TaskState::kScheduling;
}

void apply_progress(Instance& row, const InstanceReport& report, WallTime now) {
  row.current.host = report.host;
  row.current.step = report.step;
  row.task_state = task_state_after(report.step);
  row.updated_at = now;
}

void apply_active(Instance& row, const std::string& host, std::vector<Address> addresses, WallTime now) {
  row.current.host = host;
  row.current.step = LaunchStep::kActive;
  row.vm_state = VmState::kActive;
  row.task_state = TaskState::kNone;
  row.power_state = PowerState::kRunning;
  row.current.addresses = std::move(addresses);
  row.alternates.clear();
  row.launched_at = now;
  row.updated_at = now;
}

void apply_error(Instance& row, std::string message, std::string details, WallTime now) {
  // A host may fail to say it; a server in ERROR has a fault all the same.
  if (message.empty()) message = "No reason was given.";
  if (message.size() > kFaultMessageMax) message.resize(kFaultMessageMax);
  drop_second_placement(row);
  row.vm_state = VmState::kError;
  row.task_state = TaskState::kNone;
  row.power_state = PowerState::kNoState;
  row.current.host.clear();
  row.current.addresses.clear();
  row.alternates.clear();
  row.fault = InstanceFault{500, std::move(message), std::move(details), now};
  row.updated_at = now;
}

void apply_addresses_lost(Instance& row, std::string message, WallTime now) {
  if (message.size() > kFaultMessageMax) message.resize(kFaultMessageMax);
  row.vm_state = VmState::kError;
  row.current.addresses.clear();
  row.fault = InstanceFault{500, std::move(message), "one of the cloud's stores went back to an earlier state", now};
  row.updated_at = now;
}

void apply_next_try(Instance& row, bool counts, WallTime now, uint64_t heard_epoch) {
  row.current.epoch = std::max(row.new_epoch(), heard_epoch + 1);
  if (counts) row.attempt += 1;
  row.operation = 0;
  row.current.step = LaunchStep::kNone;
  row.task_state = TaskState::kScheduling;
  row.current.host.clear();
  row.current.addresses.clear();
  row.updated_at = now;
}

void apply_reset(Instance& row, VmState state, WallTime now, uint64_t heard_epoch) {
  drop_second_placement(row);
  // Its host may have destroyed the guest of one that is shelved already.
  const bool leaves = row.task_state == TaskState::kShelvingOffloading;
  if (leaves || !has_guest(row.vm_state, row.current.host)) {
    row.current.epoch = std::max(row.new_epoch(), heard_epoch + 1);
    row.current.step = LaunchStep::kNone;
    row.current.host.clear();
    row.current.addresses.clear();
    row.alternates.clear();
    row.power_state = PowerState::kNoState;
  }
  row.operation += 1;
  row.vm_state = state;
  row.task_state = TaskState::kNone;
  row.shelved_image = {};
  row.state_since = {};
  row.updated_at = now;
}

void apply_deleting(Instance& row, WallTime now, uint64_t heard_epoch) {
  row.current.epoch = std::max(row.new_epoch(), heard_epoch + 1);
  row.move.reset();
  row.task_state = TaskState::kDeleting;
  row.updated_at = now;
}

bool may_reschedule(const Instance& row, uint32_t max_attempts) {
  return row.attempt < max_attempts && !row.alternates.empty();
}

std::string lost_casts_message(const Uuid& instance, uint32_t casts) {
  return fmt::format(
      "Build of instance {} aborted: {} times in a row its request was lost before any host had heard of it.",
      to_string(instance), casts);
}

std::string lost_guest_message(const Uuid& instance) {
  return fmt::format("The guest of instance {} was lost.", to_string(instance));
}

std::string max_retries_message(const Uuid& instance) {
  return fmt::format(
      "Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance {}.",
      to_string(instance));
}

namespace {

std::unexpected<Error> conflicts(const Instance& row, std::string_view method, std::string_view kind,
                                 std::string_view state) {
  return fail(ErrorCode::kConflict,
              fmt::format("Cannot '{}' instance {} while it is in {} {}", method, to_string(row.uuid), kind, state));
}

}  // namespace

Expected<> check_vm_state(const Instance& row, std::string_view method, StateSet<VmState> allowed, bool while_busy) {
  if (!allowed.contains(row.vm_state)) return conflicts(row, method, "vm_state", to_string(row.vm_state));
  if (!while_busy && row.task_state != TaskState::kNone)
    return conflicts(row, method, "task_state", to_string(row.task_state));
  return {};
}

Expected<> check_server_action(const Instance& row, const ServerActionInfo& action) {
  const bool has_host = !row.current.host.empty();
  auto not_ready = [&row] {
    return fail(ErrorCode::kConflict, fmt::format("Instance {} is not ready", to_string(row.uuid)));
  };
  if (asks_for_host_first(action) && !has_host) return not_ready();
  const std::string_view method = method_of(action);
  if (!action.from.contains(row.vm_state)) return conflicts(row, method, "vm_state", to_string(row.vm_state));
  if (row.task_state != TaskState::kNone && !action.during_tasks.contains(row.task_state))
    return conflicts(row, method, "task_state", to_string(row.task_state));
  // Nova: nova/api/openstack/common.py raise_http_conflict_for_instance_invalid_state, of one without launched_at.
  if (row.launched_at == WallTime{})
    return fail(ErrorCode::kConflict,
                fmt::format("Instance {} is in an invalid state for '{}'", to_string(row.uuid), method));
  if (!has_host && row.vm_state != VmState::kShelvedOffloaded) return not_ready();
  return {};
}

namespace {

void apply_action_fault(Instance& row, const ServerActionInfo* action, const Error& fault, WallTime now) {
  row.task_state = TaskState::kNone;
  row.fault = InstanceFault{500, fault.message.substr(0, kFaultMessageMax), "", now};
  if (action && action->fails_to_error) row.vm_state = VmState::kError;
}

}  // namespace

void begin_next(Instance& row, ServerActionKind next) {
  row.operation += 1;
  row.task_state = find_action(next)->task;
}

void apply_action_result(Instance& row, const ServerActionDone& done, WallTime now) {
  const ServerActionInfo* action = find_action(row.task_state);
  row.updated_at = now;
  if (!done.fault.message.empty()) return apply_action_fault(row, action, done.fault, now);
  if (action == nullptr) return;  // a crash dump: what its guest's power is, the host says elsewhere
  row.power_state = done.power_state;
  if (action->next) return begin_next(row, *action->next);
  row.task_state = TaskState::kNone;
  if (!action->to) return;
  const bool was_stopped = row.vm_state == VmState::kStopped;
  // A host that left the guest otherwise than asked is believed.
  const auto power = power_after(*action);
  const bool as_asked = !power || *power == done.power_state;
  row.vm_state = as_asked ? *action->to : vm_state_of(done.power_state);
  if (row.vm_state == VmState::kSoftDelete || row.vm_state == VmState::kShelved) row.state_since = now;
  if (action->action == ServerActionKind::kRestore || action->action == ServerActionKind::kUnshelve) {
    row.state_since = {};
    row.shelved_image = {};
  }
  if (action->action != ServerActionKind::kRebuildSpawn) return;
  // Nova: nova/compute/manager.py _do_rebuild_instance; what was stopped is stopped again.
  row.launched_at = now;
  if (was_stopped && as_asked) begin_next(row, ServerActionKind::kStop);
}

}  // namespace kilonova::controller
