// Nova's three states of a server (nova/compute/{vm_states,task_states,power_state}.py) and the status a client sees. Each
// state is a row of a table: whoever must know something of a state reads its row.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kilonova {

// The stable state. The numbers are stored and sent: a new one comes last.
enum class VmState : uint8_t {
  kBuilding = 1,
  kActive,
  kStopped,
  kError,
  kDeleted,
  kPaused,
  kSuspended,
  kRescued,
  kResized,
  kSoftDelete,
  kShelved,
  kShelvedOffloaded,
};

// What is under way. As above.
enum class TaskState : uint8_t {
  kNone = 0,
  kScheduling,
  kNetworking,
  kBlockDeviceMapping,
  kSpawning,
  kPoweringOff,
  kPoweringOn,
  kRebooting,
  kRebootingHard,
  kDeleting,
  kPausing,
  kUnpausing,
  kSuspending,
  kResuming,
  kUpdatingPassword,
  kRescuing,
  kUnrescuing,
  kRebuilding,
  kRebuildBlockDeviceMapping,
  kRebuildSpawning,
  kImageSnapshotPending,
  kImageSnapshot,
  kImagePendingUpload,
  kImageUploading,
  kImageBackup,
  kSoftDeleting,
  kRestoring,
  kResizePrep,
  kResizeMigrating,
  kResizeMigrated,
  kResizeFinish,
  kResizeReverting,
  kResizeConfirming,
  kMigrating,
  kShelving,
  kShelvingImagePendingUpload,
  kShelvingImageUploading,
  kShelvingOffloading,
  kUnshelving,
};

// As the hypervisor says; the values are Nova's.
enum class PowerState : uint8_t {
  kNoState = 0,
  kRunning = 1,
  kPaused = 3,
  kShutdown = 4,
  kCrashed = 6,
  kSuspended = 7
};

struct VmStateInfo {
  VmState state;
  std::string_view name;    // "soft-delete": in messages and as Nova stores it
  std::string_view status;  // "SOFT_DELETED": what a client sees while no task says otherwise
  bool has_guest;           // a host has a guest of it, an allocation and addresses; see has_guest() below
  PowerState power;         // of that guest
};

struct TaskStateInfo {
  TaskState task;
  std::string_view name;  // "block_device_mapping", "powering-off"; "" for none
};

// In the order of their numbers.
std::span<const VmStateInfo> vm_states();
std::span<const TaskStateInfo> task_states();

// Whether there is such a state: for numbers that were stored or sent.
bool is_known(VmState state);
bool is_known(TaskState task);
bool is_known(PowerState power);

// The row of a known state.
const VmStateInfo& info_of(VmState state);

// Whether a host has a guest of a server in this state. One in ERROR has none, unless an administrator or a failed action
// put it there; one that an administrator called ACTIVE may have none.
inline bool has_guest(VmState state, std::string_view host) {
  return !host.empty() && (info_of(state).has_guest || state == VmState::kError);
}

// It runs, or could go on where it was: it is paused, or suspended.
constexpr bool is_on(PowerState power) {
  return power == PowerState::kRunning || power == PowerState::kPaused || power == PowerState::kSuspended;
}

// Whether a guest in this power state, of a server in that state with nothing under way, is stopped: it is off where it
// should be on, on where it should be off, or suspended where it should run. Any other difference is written down and
// left. Nova: nova/compute/manager.py _sync_instance_power_state, which looks at no suspended server at all.
bool is_to_be_stopped(VmState state, PowerState guest);

std::string_view to_string(VmState state);   // "building"
std::string_view to_string(TaskState task);  // "" for none
std::string_view to_string(PowerState power);

// nova/api/openstack/common.py status_from_state: "BUILD", "ACTIVE", "SHUTOFF", "REBOOT", ...
std::string_view status_name(VmState state, TaskState task);

// The status that this text names, in any case, as Nova's list filters take it (nova/api/openstack/common.py): "active" is
// "ACTIVE". Nothing for another text.
std::optional<std::string_view> find_status(std::string_view text);
// "ACTIVE, BUILD, ...": for messages.
std::string known_statuses();

}  // namespace kilonova
