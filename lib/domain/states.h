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
};

// As the hypervisor says; the values are Nova's.
enum class PowerState : uint8_t { kNoState = 0, kRunning = 1, kPaused = 3, kShutdown = 4, kCrashed = 6, kSuspended = 7 };

struct VmStateInfo {
  VmState state;
  std::string_view name;    // "soft-delete": in messages and as Nova stores it
  std::string_view status;  // "SOFT_DELETED": what a client sees while no task says otherwise
  bool has_guest;           // a host has a guest of it, an allocation and addresses
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
