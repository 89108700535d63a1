#include "controller/core/periodic_tasks.h"

#include <utility>

namespace kilonova::controller {
namespace {

constexpr Duration kPeriodicInterval = seconds(10);  // Nova: 60 s; the options are whole seconds

}  // namespace

RequestContext PeriodicTasks::context_of(const Instance& row) {
  return {row.spec.user_id, row.spec.project_id, UserRole::kAdmin, row.trace};
}

std::vector<Uuid> PeriodicTasks::older_than(Duration after, const std::vector<Lasting>& now, Seen* seen) const {
  Seen last = std::exchange(*seen, {});
  std::vector<Uuid> found;
  for (const Lasting& one : now) {
    auto known = last.find(one);
    const Instant first = known == last.end() ? world_.loop.now() : known->second;
    seen->emplace(one, first);
    if (world_.loop.now() - first >= after) found.push_back(one.server);
  }
  return found;
}

// A walk over all rows, for the few that are in such a state.
std::vector<Uuid> PeriodicTasks::overdue(VmState state, Duration after, WallTime Instance::* since) {
  if (after.us <= 0) return {};
  std::vector<Lasting> now;
  if (world_.instances.count(state) > 0) {
    for (const auto& [id, row] : world_.instances.rows())
      if (row.vm_state == state && row.task_state == TaskState::kNone) now.push_back({row.uuid, row.*since});
  }
  return older_than(after, now, &seen_[state]);
}

std::vector<Uuid> PeriodicTasks::late_builds() {
  const Duration timeout = world_.options.instance_build_timeout;
  if (timeout.us <= 0) return {};
  std::vector<Lasting> now;
  for (const auto& [uuid, drive] : world_.drives.all())
    if (const Instance* row = world_.instances.find(uuid); row && !row->move) now.push_back({uuid, row->created_at});
  return older_than(timeout, now, &builds_);
}

void PeriodicTasks::look() {
  if (world_.recovering || world_.loop.now() - looked_ < kPeriodicInterval) return;
  looked_ = world_.loop.now();
  const ControllerOptions& options = world_.options;
  for (const Uuid& server : overdue(VmState::kResized, options.resize_confirm_window, &Instance::launched_at))
    world_.flows.spawn(confirm(server));
  for (const Uuid& server : overdue(VmState::kShelved, options.shelved_offload_time, &Instance::state_since))
    world_.flows.spawn(offload(server));
  for (const Uuid& server : overdue(VmState::kSoftDelete, options.reclaim_instance_interval, &Instance::state_since))
    world_.flows.spawn(terminates_.reclaim(server));
  for (const Uuid& server : late_builds()) world_.flows.spawn(results_.give_up_build(server));
}

// Refusals are of a state that changed meanwhile, or of the store: the next look finds what is left.
Task<> PeriodicTasks::confirm(Uuid server) {
  const Instance* row = world_.instances.find(server);
  if (!row || !row->move || row->move->stage != MoveStage::kArrived) co_return;
  (void)co_await moves_.confirm(to_string(server), context_of(*row));
}

Task<> PeriodicTasks::offload(Uuid server) {
  const Instance* row = world_.instances.find(server);
  if (row) (void)co_await actions_.plain(ServerActionKind::kShelveOffload, to_string(server), context_of(*row));
}

}  // namespace kilonova::controller
