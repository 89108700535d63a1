#include "sim/launch_outcomes.h"

namespace kilonova::sim {

void LaunchOutcomes::on_row(const Uuid&, const RowState* before, const RowState* after) {
  if (before == nullptr) {
    counts_.stored += after != nullptr ? 1 : 0;
    return;
  }
  if (before->vm_state != VmState::kBuilding || before->task_state == TaskState::kDeleting) return;
  if (after == nullptr || after->task_state == TaskState::kDeleting) {
    counts_.deleted_while_building += 1;
  } else if (after->vm_state == VmState::kError) {
    counts_.error += 1;
  } else if (after->vm_state != VmState::kBuilding) {
    (after->attempt == 1 ? counts_.active_at_first_host : counts_.active_after_reschedule) += 1;
  } else if (after->epoch > before->epoch) {
    (after->attempt > before->attempt ? counts_.reschedules : counts_.recasts) += 1;
  }
}

}  // namespace kilonova::sim
