#include "controller/core/launch_counts.h"

namespace kilonova::controller {

void LaunchCounts::note(const Instance& before, const Instance* after) {
  if (before.vm_state != VmState::kBuilding) return;
  if (after == nullptr || after->vm_state == VmState::kDeleted || after->vm_state == VmState::kSoftDelete) {
    ++deleted;
  } else if (after->vm_state == VmState::kError) {
    ++error;
  } else if (after->vm_state != VmState::kBuilding) {
    ++active;
  } else if (after->attempt > before.attempt) {
    ++retries;
  }
}

}  // namespace kilonova::controller
