#include "domain/states.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/ascii.h"

namespace kilonova {
namespace {

using enum VmState;

constexpr auto kVmStates = std::to_array<VmStateInfo>({
    {kBuilding, "building", "BUILD", false, PowerState::kNoState},
    {kActive, "active", "ACTIVE", true, PowerState::kRunning},
    {kStopped, "stopped", "SHUTOFF", true, PowerState::kShutdown},
    {kError, "error", "ERROR", false, PowerState::kNoState},
    {kDeleted, "deleted", "DELETED", false, PowerState::kNoState},
    {kPaused, "paused", "PAUSED", true, PowerState::kPaused},
    {kSuspended, "suspended", "SUSPENDED", true, PowerState::kSuspended},
    {kRescued, "rescued", "RESCUE", true, PowerState::kRunning},
    {kResized, "resized", "VERIFY_RESIZE", true, PowerState::kRunning},
    {kSoftDelete, "soft-delete", "SOFT_DELETED", true, PowerState::kShutdown},
    {kShelved, "shelved", "SHELVED", true, PowerState::kShutdown},
    {kShelvedOffloaded, "shelved_offloaded", "SHELVED_OFFLOADED", false, PowerState::kNoState},
});

constexpr auto kTaskStates = std::to_array<TaskStateInfo>({
    {TaskState::kNone, ""},
    {TaskState::kScheduling, "scheduling"},
    {TaskState::kNetworking, "networking"},
    {TaskState::kBlockDeviceMapping, "block_device_mapping"},
    {TaskState::kSpawning, "spawning"},
    {TaskState::kPoweringOff, "powering-off"},
    {TaskState::kPoweringOn, "powering-on"},
    {TaskState::kRebooting, "rebooting"},
    {TaskState::kRebootingHard, "rebooting_hard"},
    {TaskState::kDeleting, "deleting"},
    {TaskState::kPausing, "pausing"},
    {TaskState::kUnpausing, "unpausing"},
    {TaskState::kSuspending, "suspending"},
    {TaskState::kResuming, "resuming"},
    {TaskState::kUpdatingPassword, "updating_password"},
    {TaskState::kRescuing, "rescuing"},
    {TaskState::kUnrescuing, "unrescuing"},
    {TaskState::kRebuilding, "rebuilding"},
    {TaskState::kRebuildBlockDeviceMapping, "rebuild_block_device_mapping"},
    {TaskState::kRebuildSpawning, "rebuild_spawning"},
    {TaskState::kImageSnapshotPending, "image_snapshot_pending"},
    {TaskState::kImageSnapshot, "image_snapshot"},
    {TaskState::kImagePendingUpload, "image_pending_upload"},
    {TaskState::kImageUploading, "image_uploading"},
    {TaskState::kImageBackup, "image_backup"},
    {TaskState::kSoftDeleting, "soft-deleting"},
    {TaskState::kRestoring, "restoring"},
    {TaskState::kResizePrep, "resize_prep"},
    {TaskState::kResizeMigrating, "resize_migrating"},
    {TaskState::kResizeMigrated, "resize_migrated"},
    {TaskState::kResizeFinish, "resize_finish"},
    {TaskState::kResizeReverting, "resize_reverting"},
    {TaskState::kResizeConfirming, "resize_confirming"},
    {TaskState::kMigrating, "migrating"},
    {TaskState::kShelving, "shelving"},
    {TaskState::kShelvingImagePendingUpload, "shelving_image_pending_upload"},
    {TaskState::kShelvingImageUploading, "shelving_image_uploading"},
    {TaskState::kShelvingOffloading, "shelving_offloading"},
    {TaskState::kUnshelving, "unshelving"},
});

// Where the task decides the status.
struct Exception {
  VmState state;
  TaskState task;
  std::string_view status;
};
constexpr auto kExceptions = std::to_array<Exception>({
    {kActive, TaskState::kRebooting, "REBOOT"},
    {kActive, TaskState::kRebootingHard, "HARD_REBOOT"},
    {kActive, TaskState::kUpdatingPassword, "PASSWORD"},
    {kActive, TaskState::kRebuilding, "REBUILD"},
    {kActive, TaskState::kRebuildBlockDeviceMapping, "REBUILD"},
    {kActive, TaskState::kRebuildSpawning, "REBUILD"},
    {kStopped, TaskState::kRebuilding, "REBUILD"},
    {kStopped, TaskState::kRebuildBlockDeviceMapping, "REBUILD"},
    {kStopped, TaskState::kRebuildSpawning, "REBUILD"},
    {kError, TaskState::kRebuilding, "REBUILD"},
    {kError, TaskState::kRebuildBlockDeviceMapping, "REBUILD"},
    {kError, TaskState::kRebuildSpawning, "REBUILD"},
    {kActive, TaskState::kResizePrep, "RESIZE"},
    {kActive, TaskState::kResizeMigrating, "RESIZE"},
    {kActive, TaskState::kResizeMigrated, "RESIZE"},
    {kActive, TaskState::kResizeFinish, "RESIZE"},
    {kStopped, TaskState::kResizePrep, "RESIZE"},
    {kStopped, TaskState::kResizeMigrating, "RESIZE"},
    {kStopped, TaskState::kResizeMigrated, "RESIZE"},
    {kStopped, TaskState::kResizeFinish, "RESIZE"},
    {kResized, TaskState::kResizeReverting, "REVERT_RESIZE"},
    {kActive, TaskState::kMigrating, "MIGRATING"},
    {kPaused, TaskState::kMigrating, "MIGRATING"},
});

// Rows are found by their number.
constexpr bool are_in_order() {
  for (size_t i = 0; i < kVmStates.size(); ++i)
    if (static_cast<size_t>(kVmStates[i].state) != i + 1) return false;
  for (size_t i = 0; i < kTaskStates.size(); ++i)
    if (static_cast<size_t>(kTaskStates[i].task) != i) return false;
  return true;
}
static_assert(are_in_order(), "a row of kVmStates or kTaskStates stands in the wrong place");

std::set<std::string_view> statuses() {
  std::set<std::string_view> all;
  for (const VmStateInfo& info : kVmStates) all.insert(info.status);
  for (const Exception& exception : kExceptions) all.insert(exception.status);
  return all;
}

}  // namespace

std::span<const VmStateInfo> vm_states() { return kVmStates; }
std::span<const TaskStateInfo> task_states() { return kTaskStates; }

bool is_known(VmState state) {
  auto number = static_cast<size_t>(state);
  return number >= 1 && number <= kVmStates.size();
}

bool is_known(TaskState task) { return static_cast<size_t>(task) < kTaskStates.size(); }

bool is_known(PowerState power) {
  switch (power) {
    case PowerState::kNoState:
    case PowerState::kRunning:
    case PowerState::kPaused:
    case PowerState::kShutdown:
    case PowerState::kCrashed:
    case PowerState::kSuspended: return true;
  }
  return false;
}

const VmStateInfo& info_of(VmState state) { return kVmStates.at(static_cast<size_t>(state) - 1); }

std::string_view to_string(VmState state) { return is_known(state) ? info_of(state).name : "unknown"; }

std::string_view to_string(TaskState task) {
  return is_known(task) ? kTaskStates[static_cast<size_t>(task)].name : "unknown";
}

std::string_view to_string(PowerState power) {
  switch (power) {
    case PowerState::kNoState: return "pending";
    case PowerState::kRunning: return "running";
    case PowerState::kPaused: return "paused";
    case PowerState::kShutdown: return "shutdown";
    case PowerState::kCrashed: return "crashed";
    case PowerState::kSuspended: return "suspended";
  }
  return "unknown";
}

std::string_view status_name(VmState state, TaskState task) {
  for (const Exception& exception : kExceptions)
    if (exception.state == state && exception.task == task) return exception.status;
  return is_known(state) ? info_of(state).status : "UNKNOWN";
}

bool is_to_be_stopped(VmState state, PowerState guest) {
  // Of servers in other states Nova writes the power down and does no more.
  if (state == kError || state == kRescued || state == kSoftDelete || state == kResized || state == kShelved)
    return false;
  return is_on(guest) != is_on(info_of(state).power) || (state == VmState::kActive && guest == PowerState::kSuspended);
}

std::optional<std::string_view> find_status(std::string_view text) {
  for (std::string_view status : statuses())
    if (std::ranges::equal(status, text, {}, {}, [](char c) { return to_upper(c); })) return status;
  return std::nullopt;
}

std::string known_statuses() {
  std::string text;
  for (std::string_view status : statuses()) text += (text.empty() ? "" : ", ") + std::string(status);
  return text;
}

}  // namespace kilonova
