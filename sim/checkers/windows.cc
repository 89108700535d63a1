#include "sim/checkers/windows.h"

#include <fmt/format.h>

#include <utility>

namespace kilonova::sim {

Duration WindowChecker::window_of(const RowState& row) const {
  if (row.task_state != TaskState::kNone) return {};
  switch (row.vm_state) {
    case VmState::kSoftDelete: return windows_.reclaim_instance_interval;
    case VmState::kResized: return windows_.resize_confirm_window;
    case VmState::kShelved: return windows_.shelved_offload_time;
    default: return {};
  }
}

void WindowChecker::look(Instant now) {
  HashMap<Uuid, Waiting> waiting;
  for (const auto& [uuid, row] : ledger_.rows()) {
    const Duration window = window_of(row);
    if (window.us <= 0) continue;
    const Waiting* before = waiting_.find(uuid);
    const bool goes_on = before != nullptr && before->vm_state == row.vm_state && before->operation == row.operation;
    const Waiting since = goes_on ? *before : Waiting{now, row.vm_state, row.operation};
    waiting.insert(uuid, since);
    if (now - since.since <= window + slack_) continue;
    violations_.add("windows", fmt::format("server {} is {} for {} s, and {} s were to end it", to_string(uuid),
                                           describe(row), (now - since.since).us / 1'000'000, window.us / 1'000'000));
  }
  waiting_ = std::move(waiting);
}

}  // namespace kilonova::sim
