#include "controller/core/host_action_flow.h"

#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/sometimes.h"
#include "controller/core/create_plan.h"
#include "controller/core/instance_actions.h"
#include "controller/core/move_transitions.h"
#include "controller/core/nouns/quotas.h"
#include "controller/core/nouns/server_changes.h"
#include "controller/core/nouns/servers.h"
#include "controller/core/row_writer.h"
#include "controller/core/send_server_action.h"
#include "controller/core/snapshots.h"
#include "controller/core/transitions.h"
#include "domain/nouns/host.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/server_actions.h"
#include "runtime/sleep.h"

namespace kilonova::controller {
namespace {

// So far above what a row knows a host is believed: a store that went back has lost no more.
constexpr uint64_t kOperationsAhead = uint64_t{1} << 32;

// A host has something to do for it.
bool is_told(const RecordTables& records, const Instance& row) {
  if (row.move && !makes_crash_dump(records, row)) return MoveStages::is_told(row);
  return action_under_way(records, row) != nullptr;
}

}  // namespace
Task<Expected<HostActionFlow::Held>> HostActionFlow::hold(std::string server, const ServerActionInfo& action,
                                                          const RequestContext& context) {
  auto found = find_server(world_.instances, scope_of(context, context.is_admin()), server);
  if (!found) co_return std::unexpected(found.error());
  Uuid instance = (*found)->uuid;
  Held held{.lock = co_await world_.instance_locks.acquire(instance)};
  held.row = world_.instances.find(instance);
  if (!held.row) co_return fail(ErrorCode::kNotFound, fmt::format("server '{}' not found", to_string(instance)));
  if (!action.ignores_lock)
    if (auto unlocked = check_unlocked(world_.records, instance, context); !unlocked)
      co_return std::unexpected(unlocked.error());
  if (auto allowed = check_server_action(*held.row, action); !allowed) co_return std::unexpected(allowed.error());
  co_return std::move(held);
}

Task<Expected<Empty>> HostActionFlow::plain(ServerActionKind kind, std::string server, RequestContext context) {
  const ServerActionInfo& action = *find_action(kind);
  auto held = co_await hold(std::move(server), action, context);
  if (!held) co_return std::unexpected(held.error());
  if (kind == ServerActionKind::kRestore) {
    // It has not counted since it was deleted.
    Instance restored = *held->row;
    restored.task_state = action.task;
    if (auto allowed = check_room(world_, restored, quota_of(restored)); !allowed)
      co_return std::unexpected(allowed.error());
  }
  co_return co_await begin(*held->row, action, std::move(context));
}

Task<Expected<Empty>> HostActionFlow::handle(ChangeServerPassword request, RequestContext context) {
  const ServerActionInfo& action = *find_action(ServerActionKind::kChangePassword);
  auto held = co_await hold(std::move(request.server), action, context);
  if (!held) co_return std::unexpected(held.error());
  co_return co_await begin(*held->row, action, std::move(context));
}

Task<Expected<Empty>> HostActionFlow::handle(RescueServer request, RequestContext context) {
  const ServerActionInfo& action = *find_action(ServerActionKind::kRescue);
  // A guest that boots another image looks like any other: which one is only checked.
  if (!request.image.empty())
    if (auto image = find_active_image(request.image, context, world_.records); !image)
      co_return std::unexpected(image.error());
  auto held = co_await hold(std::move(request.server), action, context);
  if (!held) co_return std::unexpected(held.error());
  co_return co_await begin(*held->row, action, std::move(context));
}

Task<Expected<Empty>> HostActionFlow::begin(Instance next, const ServerActionInfo& action, RequestContext context,
                                            Transaction more, std::function<void()> apply) {
  Uuid instance = next.uuid;
  const bool at_once = !is_told_to_host(action);
  if (!at_once) next.operation += 1;
  next.task_state = action.task;
  next.updated_at = world_.loop.wall_now();
  ActionChanges record(world_);
  if (!action.recorded.empty()) record.begin(next, action, context, next.updated_at, at_once);
  record.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more)))
    co_return fail(ErrorCode::kUnavailable, "the store refused the change: nothing was changed, try again");
  record.apply();
  if (apply) apply();
  if (!at_once) send_action(*world_.instances.find(instance), context.trace);
  co_return Empty{};
}

// Something that was begun ends a difference by itself.
bool HostActionFlow::is_otherwise(const GuestInfo& guest) const {
  const Instance* row = world_.instances.find(guest.placement.instance);
  return row && guest.built && row->current.epoch == guest.placement.epoch && row->current.host == guest.host &&
         row->task_state == TaskState::kNone && has_guest(row->vm_state, row->current.host) &&
         (row->power_state != guest.power_state || is_to_be_stopped(row->vm_state, guest.power_state));
}

void HostActionFlow::hear_power(GuestInfo guest) {
  if (runs_where_it_was_left(guest)) return stop_where_it_was_left(guest);
  if (is_otherwise(guest)) world_.flows.spawn(on_guest_power(std::move(guest)));
}

bool HostActionFlow::runs_where_it_was_left(const GuestInfo& guest) const {
  const Instance* row = world_.instances.find(guest.placement.instance);
  return row && guest.built && guest.power_state == PowerState::kRunning && row->move &&
         row->move->stage == MoveStage::kArrived && row->other && row->other->epoch == guest.placement.epoch &&
         row->other->host == guest.host;
}

void HostActionFlow::stop_where_it_was_left(const GuestInfo& guest) {
  const Instance& row = *world_.instances.find(guest.placement.instance);
  world_.log.event(LogLevel::kWarning, "a guest runs on the host that its server has left: it is stopped there",
                   {{"instance", to_string(row.uuid)}, {"host", guest.host}});
  // Nobody waits for the answer: a guest that still runs is named again.
  send_server_action(world_, row, *row.other, ServerActionKind::kStop, row.trace, {});
}

Task<> HostActionFlow::on_guest_power(GuestInfo guest) {
  auto lock = co_await world_.instance_locks.acquire(guest.placement.instance);
  co_await settle_power(std::move(guest));
}

Task<> HostActionFlow::look_at_power(Uuid instance) {
  auto lock = co_await world_.instance_locks.acquire(instance);
  const Instance* row = world_.instances.find(instance);
  // What was heard while the lock was waited for is in the row.
  if (row) co_await settle_power({row->current.host, row->placement_id(), row->power_state, true});
}

Task<> HostActionFlow::settle_power(GuestInfo guest) {
  const Uuid instance = guest.placement.instance;
  refused_.erase(instance);  // this is newer
  if (!is_otherwise(guest)) co_return;
  KN_SOMETIMES("controller: a guest's power is not its server's");
  const Instance& row = *world_.instances.find(instance);
  const uint64_t operation = row.operation;
  const bool stops = is_to_be_stopped(row.vm_state, guest.power_state);
  world_.log.event(LogLevel::kWarning,
                   stops ? "a guest's power is against its server's state: the server is stopped"
                         : "a guest is in another power state than its server: it is left so",
                   {{"instance", to_string(row.uuid)},
                    {"host", row.current.host},
                    {"guest", std::string(to_string(guest.power_state))}});
  bool stored = false;
  if (stops) {
    // In the name of its user, as nobody else asked.
    RequestContext context{row.spec.user_id, row.spec.project_id, UserRole::kAdmin, row.trace};
    stored = (co_await begin(row, *find_action(ServerActionKind::kStop), std::move(context))).has_value();
  } else {
    Instance next = row;
    next.power_state = guest.power_state;
    next.updated_at = world_.loop.wall_now();
    stored = co_await world_.rows.commit(std::move(next), {});
  }
  // Of a guest that runs nobody speaks again before its host registers anew.
  if (stored) co_return;
  KN_SOMETIMES("controller: the store refuses a guest's power");
  refused_[instance] = {std::move(guest), operation};
  world_.flows.spawn(settle_refused(instance));
}

Task<> HostActionFlow::settle_refused(Uuid instance) {
  co_await sleep_for(world_.loop, kStoreRetry);
  auto lock = co_await world_.instance_locks.acquire(instance);
  auto found = refused_.find(instance);
  if (found == refused_.end()) co_return;
  Refused refused = std::move(found->second);
  const Instance* row = world_.instances.find(instance);
  // An operation that was begun meanwhile says at its end what the guest is.
  if (row && row->operation == refused.operation)
    co_await settle_power(std::move(refused.guest));
  else
    refused_.erase(instance);
}

void HostActionFlow::send_action(const Instance& row, TraceContext trace) {
  const ServerActionInfo* action = action_under_way(world_.records, row);
  // Of one that waits for its user to confirm a move nothing else is under way.
  if (row.move && !(action && action->action == ServerActionKind::kCrashDump)) return stages_.send(row);
  world_.drives.power_actions().insert(row.uuid);
  if (!action || !world_.records.of<Host>().contains(row.current.host)) return;
  if (action->action == ServerActionKind::kShelveOffload)
    return terminations_.tell(row, action->name, row.placement_id(), row.current.host);
  send_server_action(world_, row, row.current, action->action, trace,
                     world_.faults.of_action({row.name, row.spec.project_id}, action->name));
}

Task<> HostActionFlow::on_done(Peer from, ServerActionDone done) {
  auto lock = co_await world_.instance_locks.acquire(done.placement.instance);
  auto images = co_await lock_images_of(world_, done.placement.instance);
  const Instance* row = world_.instances.find(done.placement.instance);
  const Placement* placement = row ? row->placement_of(done.placement.epoch) : nullptr;
  if (!placement || placement->host != done.host) {
    KN_SOMETIMES("controller: an action is done on a placement that is over");
    world_.transport.send(from.id, Message{0, ReportAnswer{done.host, done.placement, ReportAnswer::Verdict::kStale}});
    co_return;
  }
  const bool dumps = makes_crash_dump(world_.records, *row);
  const bool moves = row->move && !dumps;
  const bool is_awaited = moves ? MoveStages::awaits(*row, done) : action_under_way(world_.records, *row) != nullptr;
  if (is_awaited && done.operation > row->operation) co_return co_await count_on(*row, done.operation);
  if (moves) co_return co_await stages_.on_done(std::move(done));
  // Of an action that an administrator's reset has ended: what it left of the guest is news all the same.
  if (row->operation == done.operation + 1 && done.fault.message.empty()) {
    KN_SOMETIMES("controller: an action is done whose number is over");
    co_await settle_power({done.host, done.placement, done.power_state, true});
  }
  row = world_.instances.find(done.placement.instance);
  if (row->operation != done.operation || !action_under_way(world_.records, *row)) co_return;
  co_await finish_action(*row, done);
}

// The caller holds the locks of the server, and of images where one is being made.
Task<> HostActionFlow::finish_action(Instance next, const ServerActionDone& reported) {
  const ServerActionDone done = reported;
  const WallTime now = world_.loop.wall_now();
  const bool makes_image = is_snapshot(next.task_state);
  const bool unshelves = next.task_state == TaskState::kUnshelving;
  const Uuid shelved_image = next.shelved_image;
  apply_action_result(next, done, now);
  const bool shelved = next.vm_state == VmState::kShelved && next.task_state == TaskState::kNone;
  // Or its next stage begins, which is told like the first.
  const bool ends = next.task_state == TaskState::kNone;
  ActionChanges record(world_);
  SnapshotChanges snapshot(world_.records, world_.loop.wall_now());
  if (ends) record.finish(next, now, done.fault.message);
  if (ends && makes_image) snapshot.finish(next.uuid, done.fault.message.empty());
  if (ends && unshelves && done.fault.message.empty()) snapshot.forget(shelved_image);
  if (ends && makes_image && !shelved) next.shelved_image = {};
  if (shelved && makes_image && world_.options.shelved_offload_time.us == 0) {
    begin_next(next, ServerActionKind::kShelveOffload);
  }
  const bool goes_on = next.task_state != TaskState::kNone;
  Transaction more;
  record.put(more);
  snapshot.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more))) {
    KN_SOMETIMES("controller: the store refuses the end of an action");
    co_return;
  }
  record.apply();
  snapshot.apply();
  if (!goes_on) {
    world_.drives.power_actions().erase(done.placement.instance);
  } else {
    const Instance& going_on = *world_.instances.find(done.placement.instance);
    send_action(going_on, going_on.trace);
  }
}

// The host has done what this store has lost: what is under way gets a number above it, and is told again.
Task<> HostActionFlow::count_on(Instance next, uint64_t done) {
  if (done - next.operation > kOperationsAhead) co_return;
  const Uuid instance = next.uuid;
  next.operation = done + 1;
  if (!co_await world_.rows.commit(std::move(next), {})) co_return;
  KN_SOMETIMES("controller: an operation is counted on from what a host has done");
  const Instance& row = *world_.instances.find(instance);
  send_action(row, row.trace);
}

Task<bool> HostActionFlow::on_terminated(const InstanceTerminated& message) {
  const PlacementId placement = message.placement;
  const Instance* row = world_.instances.find(placement.instance);
  if (!row || row->task_state != TaskState::kShelvingOffloading || row->placement_id() != placement ||
      row->current.host != message.host)
    co_return false;
  Instance next = *row;
  const WallTime now = world_.loop.wall_now();
  apply_offloaded(next, now);
  ActionChanges record(world_);
  record.finish(next, now, "");
  Transaction more;
  record.put(more);
  more.push_back(mutation::EraseAllocation{placement});
  if (!co_await world_.rows.commit(std::move(next), std::move(more))) co_return true;
  record.apply();
  world_.drives.power_actions().erase(placement.instance);
  co_return true;
}

// An action that its host still works on, or has done, is the same action.
void HostActionFlow::resend_unanswered() {
  if (world_.loop.now() - resent_ >= world_.options.report_interval) resend();
}

void HostActionFlow::resend() {
  resent_ = world_.loop.now();
  std::vector<Uuid> pending(world_.drives.power_actions().begin(), world_.drives.power_actions().end());
  for (const Uuid& uuid : pending) {
    const Instance* row = world_.instances.find(uuid);
    if (row && is_told(world_.records, *row)) {
      KN_SOMETIMES("controller: an action is told again");
      send_action(*row, row->trace);
    } else {
      world_.drives.power_actions().erase(uuid);
    }
  }
}

}  // namespace kilonova::controller
