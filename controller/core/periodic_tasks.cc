#include "controller/core/periodic_tasks.h"

#include <utility>

namespace kilonova::controller {
namespace {

constexpr Duration kPeriodicInterval = seconds(10);  // Nova: 60 s; the options are whole seconds

}  // namespace

RequestContext PeriodicTasks::context_of(const Instance& row) {
  return {row.spec.user_id, row.spec.project_id, UserRole::kAdmin, row.trace};
}

// A walk over all rows, for the few that are in such a state.
std::vector<Uuid> PeriodicTasks::overdue(VmState state, Duration after, WallTime Instance::* since) const {
  std::vector<Uuid> found;
  if (after.us <= 0 || world_.instances.count(state) == 0) return found;
  const WallTime now = world_.loop.wall_now();
  for (const auto& [id, row] : world_.instances.rows())
    if (row.vm_state == state && row.task_state == TaskState::kNone && now - row.*since >= after)
      found.push_back(row.uuid);
  return found;
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
  if (options.instance_build_timeout.us <= 0) return;
  std::vector<Uuid> late;
  const WallTime now = world_.loop.wall_now();
  for (const auto& [uuid, drive] : world_.drives.all())
    if (const Instance* row = world_.instances.find(uuid);
        row && !row->move && now - row->created_at > options.instance_build_timeout)
      late.push_back(uuid);
  for (const Uuid& uuid : late) world_.flows.spawn(results_.give_up_build(uuid));
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
