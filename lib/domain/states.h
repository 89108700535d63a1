// Nova's three states of a server (nova/compute/{vm_states,task_states,power_state}.py) and the status a client sees.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kilonova {

// The stable state.
enum class VmState : uint8_t { kBuilding = 1, kActive, kStopped, kError, kDeleted };

// What is under way.
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
};

// As the hypervisor says; the values are Nova's.
enum class PowerState : uint8_t { kNoState = 0, kRunning = 1, kPaused = 3, kShutdown = 4, kCrashed = 6, kSuspended = 7 };

std::string_view to_string(VmState state);   // "building"
std::string_view to_string(TaskState task);  // "" for none, "block_device_mapping", "powering-off"
std::string_view to_string(PowerState power);

// nova/api/openstack/common.py status_from_state: "BUILD", "ACTIVE", "SHUTOFF", "REBOOT", ...
std::string_view status_name(VmState state, TaskState task);

// The status that this text names, in any case, as Nova's list filters take it: "active" is "ACTIVE". Nothing for
// another text.
std::optional<std::string_view> find_status(std::string_view text);

}  // namespace kilonova
