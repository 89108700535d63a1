#include "api-server/front/ec2/terminated_instances.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace kilonova::api::ec2 {

void TerminatedInstances::add(ShownInstance instance, Instant now) {
  forget_old(now);
  std::erase_if(kept_, [&](const Kept& kept) { return kept.instance.server.uuid == instance.server.uuid; });
  if (kept_.size() >= kMaxKept) kept_.pop_front();
  instance.server.vm_state = VmState::kDeleted;
  instance.server.task_state = TaskState::kNone;
  instance.server.current.addresses.clear();
  instance.interfaces.clear();
  kept_.push_back({now, std::move(instance)});
}

std::vector<ShownInstance> TerminatedInstances::of(const Uuid& project, Instant now) {
  forget_old(now);
  std::vector<ShownInstance> shown;
  for (const Kept& kept : kept_ | std::views::reverse)
    if (kept.instance.server.spec.project_id == project) shown.push_back(kept.instance);
  return shown;
}

void TerminatedInstances::forget_old(Instant now) {
  while (!kept_.empty() && now - kept_.front().since > kShown) kept_.pop_front();
}

}  // namespace kilonova::api::ec2
