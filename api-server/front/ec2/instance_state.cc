#include "api-server/front/ec2/instance_state.h"

#include <optional>

namespace kilonova::api::ec2 {
namespace {

// What a task under way says whatever the stable state is.
std::optional<InstanceState> state_of_task(TaskState task) {
  switch (task) {
    case TaskState::kDeleting:
    case TaskState::kSoftDeleting: return kShuttingDown;
    case TaskState::kPoweringOff:
    case TaskState::kPausing:
    case TaskState::kSuspending:
    case TaskState::kShelving:
    case TaskState::kShelvingImagePendingUpload:
    case TaskState::kShelvingImageUploading: return kStopping;
    case TaskState::kPoweringOn:
    case TaskState::kUnpausing:
    case TaskState::kResuming:
    case TaskState::kRestoring:
    case TaskState::kUnshelving: return kPending;
    case TaskState::kNone:
    case TaskState::kScheduling:
    case TaskState::kNetworking:
    case TaskState::kBlockDeviceMapping:
    case TaskState::kSpawning:
    case TaskState::kRebooting:
    case TaskState::kRebootingHard:
    case TaskState::kUpdatingPassword:
    case TaskState::kRescuing:
    case TaskState::kUnrescuing:
    case TaskState::kRebuilding:
    case TaskState::kRebuildBlockDeviceMapping:
    case TaskState::kRebuildSpawning:
    case TaskState::kImageSnapshotPending:
    case TaskState::kImageSnapshot:
    case TaskState::kImagePendingUpload:
    case TaskState::kImageUploading:
    case TaskState::kImageBackup:
    case TaskState::kResizePrep:
    case TaskState::kResizeMigrating:
    case TaskState::kResizeMigrated:
    case TaskState::kResizeFinish:
    case TaskState::kResizeReverting:
    case TaskState::kResizeConfirming:
    case TaskState::kMigrating:
    case TaskState::kShelvingOffloading: break;
  }
  return std::nullopt;
}

bool was_launched(const Instance& server) { return server.launched_at != WallTime{}; }

}  // namespace

InstanceState state_of(const Instance& server) {
  if (auto state = state_of_task(server.task_state)) return *state;
  switch (server.vm_state) {
    case VmState::kBuilding: return kPending;
    case VmState::kActive:
    case VmState::kRescued: return kRunning;
    case VmState::kResized: return server.power_state == PowerState::kShutdown ? kStopped : kRunning;
    case VmState::kStopped:
    case VmState::kPaused:
    case VmState::kSuspended:
    case VmState::kShelved:
    case VmState::kShelvedOffloaded: return kStopped;
    case VmState::kSoftDelete: return kShuttingDown;
    case VmState::kDeleted: return kTerminated;
    case VmState::kError: return was_launched(server) ? kStopped : kTerminated;
  }
  return kTerminated;
}

StateReason reason_of(const Instance& server) {
  const bool has_fault = !server.fault.message.empty();
  if (server.vm_state == VmState::kError && server.fault.message.contains("No valid host"))
    return {"Server.InsufficientInstanceCapacity", server.fault.message};
  if (server.vm_state == VmState::kError)
    return {"Server.InternalError", has_fault ? server.fault.message : "Server.InternalError"};
  const InstanceState state = state_of(server);
  if (state == kStopped || state == kStopping || state == kShuttingDown || state == kTerminated)
    return {"Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown"};
  return {"", ""};
}

}  // namespace kilonova::api::ec2
