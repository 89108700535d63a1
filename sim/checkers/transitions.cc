#include "sim/checkers/transitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "sim/checkers/moves.h"

namespace kilonova::sim {
namespace {

// Nova's table (nova/compute/api.py check_instance_state), written down here a second time on purpose: the rows of
// domain/server_actions.cc would agree with every mistake in them.
struct Action {
  TaskState task;
  std::set<VmState> from;
  std::set<TaskState> during;         // besides nothing
  std::optional<VmState> to;          // nothing: as it was
  TaskState next = TaskState::kNone;  // the stage that follows
  bool fails_to_error = false;
};

const Action* action_of(TaskState task) {
  using enum VmState;
  using enum TaskState;
  static const std::vector<Action> kActions{
      {kPoweringOff, {kActive, kError}, {}, kStopped},
      {kPoweringOn, {kStopped}, {}, kActive},
      {kRebooting, {kActive}, {}, kActive},
      {kRebootingHard,
       {kActive, kStopped, kPaused, kSuspended, kError},
       {kRebooting, kRebootingHard, kResuming, kUnpausing, kPausing, kSuspending},
       kActive},
      {kPausing, {kActive}, {}, kPaused},
      {kUnpausing, {kPaused}, {}, kActive},
      {kSuspending, {kActive}, {}, kSuspended},
      {kResuming, {kSuspended}, {}, kActive},
      {kUpdatingPassword, {kActive}, {}, {}},
      {kRescuing, {kActive, kStopped, kError}, {}, kRescued, kNone, true},
      {kUnrescuing, {kRescued}, {}, kActive, kNone, true},
      {kRebuilding, {kActive, kStopped, kError}, {}, {}, kRebuildBlockDeviceMapping, true},
      {kRebuildBlockDeviceMapping, {}, {}, {}, kRebuildSpawning, true},
      {kRebuildSpawning, {}, {}, kActive, kNone, true},
      {kImageSnapshotPending, {kActive, kStopped, kPaused, kSuspended}, {}, {}, kImageSnapshot},
      {kImageSnapshot, {}, {}, {}, kImagePendingUpload},
      {kImagePendingUpload, {}, {}, {}, kImageUploading},
      {kImageUploading, {}, {}, {}},
      {kImageBackup, {kActive, kStopped, kPaused, kSuspended}, {}, {}, kImagePendingUpload},
      {kSoftDeleting, {kActive, kStopped, kPaused, kSuspended, kError, kRescued}, {}, kSoftDelete},
      {kRestoring, {kSoftDelete}, {}, kActive},
      {kShelving, {kActive, kStopped, kPaused, kSuspended}, {}, {}, kShelvingImagePendingUpload},
      {kShelvingImagePendingUpload, {}, {}, {}, kShelvingImageUploading},
      {kShelvingImageUploading, {}, {}, kShelved},
      {kShelvingOffloading, {kShelved}, {}, kShelvedOffloaded},
      {kUnshelving, {kShelved}, {}, kActive},
  };
  auto row = std::ranges::find(kActions, task, &Action::task);
  return row == kActions.end() ? nullptr : &*row;
}

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
  return b.epoch > a.epoch && (counted || (b.attempt == a.attempt && a.host.empty())) &&
         b.task_state == TaskState::kScheduling && b.step == LaunchStep::kNone && b.host.empty();
}

// The checker's own list: what may go on where it was.
bool may_go_on(PowerState power) {
  return power == PowerState::kRunning || power == PowerState::kPaused || power == PowerState::kSuspended;
}

// A crash dump leaves no task.
bool may_be_dumped(const RowState& row) {
  static const std::set<VmState> from{VmState::kActive, VmState::kPaused, VmState::kRescued, VmState::kResized,
                                      VmState::kError};
  return !row.host.empty() && from.contains(row.vm_state);
}

// All need a host. A guest that is off, and whose server is not, or that is not off, and whose server is stopped, has
// it stopped as its user would.
bool may_begin(const RowState& a, TaskState task, std::optional<PowerState> guest) {
  if (task == TaskState::kNone && a.task_state == TaskState::kNone) return may_be_dumped(a);
  const Action* action = action_of(task);
  if (!action || a.host.empty()) return false;
  if (const Action* before = action_of(a.task_state))
    return before->next == task || (action->from.contains(a.vm_state) && action->during.contains(a.task_state));
  return action->from.contains(a.vm_state) || (task == TaskState::kPoweringOff && a.vm_state != VmState::kBuilding &&
                                               (a.vm_state != VmState::kStopped || (guest && may_go_on(*guest))));
}

// For how long it is leased may be told anew.
bool is_same_interface(const Address& a, const Address& b) {
  return a.nic == b.nic && a.ip == b.ip && a.mac == b.mac && a.network_id == b.network_id;
}

// One list is the other, and one more: which is `added`.
bool has_one_more(const std::vector<Address>& less, const std::vector<Address>& more, size_t added) {
  if (more.size() != less.size() + 1) return false;
  std::vector<Address> rest = more;
  rest.erase(rest.begin() + static_cast<ptrdiff_t>(added));
  return std::ranges::equal(rest, less, is_same_interface);
}

// Nova's table again: attach_interface and detach_interface. While a further one is being made, anything else may begin.
bool may_change_interfaces(const RowState& row, const RowState& after) {
  if (row.move || row.vm_state == VmState::kBuilding) return false;
  return after.addresses.size() > row.addresses.size() ||
         (row.task_state == TaskState::kNone && !row.host.empty() &&
          (row.vm_state == VmState::kActive || row.vm_state == VmState::kPaused || row.vm_state == VmState::kStopped));
}

// Built, perhaps with an action under way -> ...
bool may_follow_built(const RowState& a, const RowState& b, std::optional<PowerState> guest) {
  // It has left its host, with its addresses.
  if (a.task_state == TaskState::kShelvingOffloading && b.vm_state == VmState::kShelvedOffloaded)
    return b.epoch == a.epoch && b.host.empty() && b.addresses == a.addresses && b.task_state == TaskState::kNone &&
           b.operation == a.operation;
  if (has_other_interfaces(a, b)) return may_change_interfaces(a, b);
  if (b.epoch != a.epoch || !is_same_placement(a, b)) return false;
  // What was stopped is stopped again when it is rebuilt.
  if (a.task_state == TaskState::kRebuildSpawning && a.vm_state == VmState::kStopped && b.vm_state == VmState::kActive)
    return b.task_state == TaskState::kPoweringOff && b.operation == a.operation + 1;
  // What was shelved leaves its host at once.
  if (a.task_state == TaskState::kShelvingImageUploading && b.vm_state == VmState::kShelved &&
      b.task_state == TaskState::kShelvingOffloading)
    return b.operation == a.operation + 1;
  if (b.operation == a.operation + 1) return b.vm_state == a.vm_state && may_begin(a, b.task_state, guest);
  // What its users say of it changes no state.
  if (b.operation == a.operation && b.vm_state == a.vm_state && b.task_state == a.task_state && b.power == a.power)
    return true;
  // Of servers in these states whatever its guest is, is written down.
  if (a.task_state == TaskState::kNone && (a.vm_state == VmState::kError || a.vm_state == VmState::kRescued ||
                                           a.vm_state == VmState::kSoftDelete || a.vm_state == VmState::kShelved))
    return b.task_state == TaskState::kNone && b.operation == a.operation && b.vm_state == a.vm_state &&
           b.power == guest;
  // A guest that runs, is paused, or suspended, where its server's row says another of these: what it is is written
  // down. One that is suspended and should run is to be stopped.
  if (a.task_state == TaskState::kNone)
    return b.task_state == TaskState::kNone && b.operation == a.operation && b.vm_state == a.vm_state &&
           b.power != a.power && may_go_on(b.power) == (b.vm_state != VmState::kStopped) && b.power == guest &&
           !(b.vm_state == VmState::kActive && b.power == PowerState::kSuspended);
  const Action* action = action_of(a.task_state);
  bool done = action && action->next == TaskState::kNone && b.vm_state == action->to.value_or(a.vm_state);
  bool failed = action && b.faulted && b.vm_state == (action->fails_to_error ? VmState::kError : a.vm_state);
  return action && b.task_state == TaskState::kNone && b.operation == a.operation && (done || failed);
}

// An administrator says what it is. What has no guest loses what is left of a try.
bool is_reset(const RowState& a, const RowState& b) {
  if (b.operation != a.operation + 1 || b.task_state != TaskState::kNone) return false;
  if (b.vm_state != VmState::kActive && b.vm_state != VmState::kError) return false;
  const bool has_guest =
      !a.host.empty() && a.vm_state != VmState::kBuilding && a.task_state != TaskState::kShelvingOffloading;
  if (has_guest) return b.epoch == a.epoch && is_same_placement(a, b);
  return b.epoch > std::max(a.epoch, a.last_epoch) && b.host.empty() && b.addresses.empty() &&
         b.step == LaunchStep::kNone;
}

uint64_t newest_epoch(const RowState& row) {
  return std::max({row.epoch, row.last_epoch, row.other ? row.other->epoch : 0});
}

bool may_be_deleted(const RowState& a, const RowState& b) {
  return b.epoch > newest_epoch(a) && b.vm_state == a.vm_state && b.operation == a.operation && is_same_placement(a, b);
}

}  // namespace

std::string wrong_transition(const RowState* before, const RowState* after, std::optional<PowerState> guest) {
  if (before == nullptr) return is_first(*after) ? "" : fmt::format("began as {}", describe(*after));
  if (after == nullptr)
    return before->task_state == TaskState::kDeleting ? "" : fmt::format("vanished while {}", describe(*before));
  bool allowed = false;
  if (before->task_state == TaskState::kDeleting) {
    allowed = false;
  } else if (after->task_state == TaskState::kDeleting) {
    allowed = may_be_deleted(*before, *after);
  } else if (before->move && is_reset_of_moving(*before, *after)) {
    allowed = true;
  } else if (before->move || after->move) {
    allowed = may_follow_moving(*before, *after);
  } else if (is_reset(*before, *after)) {
    allowed = true;
  } else if (before->vm_state == VmState::kBuilding) {
    allowed = may_follow_building(*before, *after);
  } else {
    allowed = may_follow_built(*before, *after, guest);
  }
  return allowed ? "" : fmt::format("went from {} to {}", describe(*before), describe(*after));
}

bool has_other_interfaces(const RowState& before, const RowState& after) {
  RowState same = after;
  same.addresses = before.addresses;
  const bool is_else_as_it_was = is_same_placement(before, same) && before.epoch == after.epoch &&
                                 before.operation == after.operation && before.vm_state == after.vm_state &&
                                 before.task_state == after.task_state && before.power == after.power &&
                                 before.move.has_value() == after.move.has_value();
  if (!is_else_as_it_was || before.addresses == after.addresses) return false;
  if (has_one_more(before.addresses, after.addresses, after.addresses.size() - 1)) return true;
  for (size_t gone = 0; gone < before.addresses.size(); ++gone)
    if (has_one_more(after.addresses, before.addresses, gone)) return true;
  return false;
}

bool is_lost_guest(const RowState& before, const RowState& after) {
  return !before.host.empty() && before.vm_state != VmState::kBuilding && before.task_state != TaskState::kDeleting &&
         after.vm_state == VmState::kError && after.task_state == TaskState::kNone && after.epoch == before.epoch &&
         after.operation == before.operation && after.host.empty() && after.addresses.empty() && after.faulted;
}

RowState without_lost_past(const RowState& before, RowState after) {
  const bool is_building = before.vm_state == VmState::kBuilding && after.vm_state == VmState::kBuilding;
  const bool begins_again = is_building && after.task_state == TaskState::kScheduling && after.epoch > before.epoch;
  if (begins_again && after.attempt == before.attempt) after.attempt += 1;
  const bool is_same_stage =
      before.move.has_value() == after.move.has_value() && (!before.move || before.move->stage == after.move->stage);
  const bool goes_on = after.epoch == before.epoch && after.vm_state == before.vm_state && is_same_stage &&
                       after.task_state == before.task_state &&
                       (after.task_state != TaskState::kNone || may_be_dumped(after));
  if (goes_on && after.operation > before.operation) after.operation = before.operation;
  return after;
}

void TransitionChecker::on_guest(const GuestRecord* before, const GuestRecord* after) {
  const GuestRecord& guest = after != nullptr ? *after : *before;
  const std::pair key{guest.placement.instance, guest.host};
  if (before == nullptr || after == nullptr) {
    powers_.erase(key);
  } else if (before->power_state != after->power_state) {
    std::vector<PowerState>& powers = powers_[key];
    if (powers.empty()) powers.push_back(before->power_state);
    powers.push_back(after->power_state);
  }
}

std::string TransitionChecker::judge(const Uuid& uuid, const RowState* before, const RowState* after) const {
  if (before == nullptr) return wrong_transition(before, after);
  std::optional<PowerState> guest;
  if (auto found = ledger_.guests().find({uuid, before->host}); found != ledger_.guests().end())
    guest = found->second.power_state;
  std::string wrong = wrong_transition(before, after, guest);
  if (wrong.empty()) return wrong;
  static const std::vector<PowerState> kAny{PowerState::kRunning, PowerState::kPaused, PowerState::kSuspended,
                                            PowerState::kShutdown};
  auto lately = powers_.find({uuid, before->host});
  if (!doubled_ && lately == powers_.end()) return wrong;
  const std::vector<PowerState>& powers = doubled_ ? kAny : lately->second;
  const bool was_right =
      std::ranges::any_of(powers, [&](PowerState power) { return wrong_transition(before, after, power).empty(); });
  return was_right ? "" : wrong;
}

void TransitionChecker::forget_older_powers(const Uuid& uuid, const RowState& row) {
  auto found = powers_.find({uuid, row.host});
  if (found == powers_.end()) return;
  std::vector<PowerState>& powers = found->second;
  if (auto said = std::ranges::find(powers, row.power); said != powers.end()) powers.erase(powers.begin(), said);
}

void TransitionChecker::on_row(const Uuid& uuid, const RowState* before, const RowState* after) {
  RowState judged;
  if (went_back_ && before != nullptr && after != nullptr) {
    if (is_lost_guest(*before, *after)) return;
    judged = without_lost_past(*before, *after);
    after = &judged;
  }
  const std::string wrong = judge(uuid, before, after);
  if (before != nullptr && after != nullptr && before->power != after->power) forget_older_powers(uuid, *after);
  if (after == nullptr && ledger_.is_reset()) return;
  if (!wrong.empty()) violations_.add("transitions", fmt::format("server {} {}", to_string(uuid), wrong));
}

}  // namespace kilonova::sim
