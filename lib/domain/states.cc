#include "domain/states.h"

#include <algorithm>
#include <array>

namespace kilonova {

std::string_view to_string(VmState state) {
  switch (state) {
    case VmState::kBuilding: return "building";
    case VmState::kActive: return "active";
    case VmState::kStopped: return "stopped";
    case VmState::kError: return "error";
    case VmState::kDeleted: return "deleted";
  }
  return "unknown";
}

std::string_view to_string(TaskState task) {
  switch (task) {
    case TaskState::kNone: return "";
    case TaskState::kScheduling: return "scheduling";
    case TaskState::kNetworking: return "networking";
    case TaskState::kBlockDeviceMapping: return "block_device_mapping";
    case TaskState::kSpawning: return "spawning";
    case TaskState::kPoweringOff: return "powering-off";
    case TaskState::kPoweringOn: return "powering-on";
    case TaskState::kRebooting: return "rebooting";
    case TaskState::kRebootingHard: return "rebooting_hard";
    case TaskState::kDeleting: return "deleting";
  }
  return "unknown";
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
  switch (state) {
    case VmState::kBuilding: return "BUILD";
    case VmState::kActive:
      if (task == TaskState::kRebooting) return "REBOOT";
      if (task == TaskState::kRebootingHard) return "HARD_REBOOT";
      return "ACTIVE";
    case VmState::kStopped: return "SHUTOFF";
    case VmState::kError: return "ERROR";
    case VmState::kDeleted: return "DELETED";
  }
  return "UNKNOWN";
}

std::optional<std::string_view> find_status(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kStatuses{"ACTIVE", "BUILD",   "DELETED",    "ERROR",
                                                             "REBOOT", "SHUTOFF", "HARD_REBOOT"};
  auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  for (std::string_view status : kStatuses)
    if (std::ranges::equal(status, text, {}, {}, upper)) return status;
  return std::nullopt;
}

}  // namespace kilonova
