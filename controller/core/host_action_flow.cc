#include "controller/core/host_action_flow.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "controller/core/instance_actions.h"
#include "controller/core/nouns/server_changes.h"
#include "controller/core/nouns/servers.h"
#include "controller/core/row_writer.h"
#include "controller/core/transitions.h"
#include "domain/nouns/host.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/server_actions.h"

namespace kilonova::controller {
Task<Expected<Empty>> HostActionFlow::handle(ServerAction request, RequestContext context) {
  auto found = find_server(world_.instances, scope_of(context, context.is_admin()), request.server);
  if (!found) co_return std::unexpected(found.error());
  Uuid instance = (*found)->uuid;
  auto lock = co_await world_.instance_locks.acquire(instance);
  const Instance* row = world_.instances.find(instance);
  if (!row) co_return fail(ErrorCode::kNotFound, fmt::format("server '{}' not found", to_string(instance)));
  if (auto unlocked = check_unlocked(world_.records, instance, context); !unlocked)
    co_return std::unexpected(unlocked.error());
  const ServerActionInfo& action = *find_action(request.action);
  if (auto allowed = check_server_action(*row, action); !allowed) co_return std::unexpected(allowed.error());
  co_return co_await begin(*row, action, std::move(context));
}

Task<Expected<Empty>> HostActionFlow::begin(Instance next, const ServerActionInfo& action, RequestContext context) {
  Uuid instance = next.uuid;
  next.operation += 1;
  next.task_state = action.task;
  next.updated_at = world_.loop.wall_now();
  ActionChanges record(world_.records);
  record.begin(next, std::string(action.verb), context, next.updated_at, false);
  Transaction more;
  record.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more)))
    co_return fail(ErrorCode::kUnavailable, "the store refused the change: nothing was changed, try again");
  record.apply();
  send_action(*world_.instances.find(instance), context.trace);
  co_return Empty{};
}

// Something that was begun ends a difference by itself.
bool HostActionFlow::is_otherwise(const GuestInfo& guest) const {
  const Instance* row = world_.instances.find(guest.placement.instance);
  return row && guest.built && row->current.epoch == guest.placement.epoch && row->current.host == guest.host &&
         row->task_state == TaskState::kNone && info_of(row->vm_state).has_guest &&
         row->power_state != guest.power_state;
}

Task<> HostActionFlow::on_guest_power(GuestInfo guest) {
  auto lock = co_await world_.instance_locks.acquire(guest.placement.instance);
  if (!is_otherwise(guest)) co_return;
  const Instance& row = *world_.instances.find(guest.placement.instance);
  // What the store refuses here the host says again: at its next audit, or when it registers.
  if (is_to_be_stopped(row.vm_state, guest.power_state)) {
    world_.log.event(LogLevel::kWarning, "a guest's power is against its server's state: the server is stopped",
                     {{"instance", to_string(row.uuid)},
                      {"host", row.current.host},
                      {"guest", std::string(to_string(guest.power_state))}});
    // In the name of its user, as nobody else asked.
    RequestContext context{row.spec.user_id, row.spec.project_id, UserRole::kAdmin, row.trace};
    (void)co_await begin(row, *find_action(ServerActionKind::kStop), std::move(context));
    co_return;
  }
  world_.log.event(LogLevel::kWarning, "a guest is in another power state than its server: it is left so",
                   {{"instance", to_string(row.uuid)},
                    {"host", row.current.host},
                    {"guest", std::string(to_string(guest.power_state))}});
  Instance next = row;
  next.power_state = guest.power_state;
  next.updated_at = world_.loop.wall_now();
  (void)co_await world_.rows.commit(std::move(next), {});
}

void HostActionFlow::send_action(const Instance& row, TraceContext trace) {
  world_.drives.power_actions().insert(row.uuid);
  auto host = world_.records.of<Host>().find(row.current.host);
  const ServerActionInfo* action = find_action(row.task_state);
  if (host == world_.records.of<Host>().end() || !action) return;
  ApplyServerAction message{row.current.host, {row.uuid, row.current.epoch}, row.operation, action->action, trace};
  world_.transport.send(host->second.process, Message{0, std::move(message)});
}

Task<> HostActionFlow::on_done(Peer from, ServerActionDone done) {
  auto lock = co_await world_.instance_locks.acquire(done.placement.instance);
  const Instance* row = world_.instances.find(done.placement.instance);
  if (!row || row->current.epoch != done.placement.epoch || row->current.host != done.host) {
    world_.transport.send(from.id, Message{0, ReportAnswer{done.host, done.placement, ReportAnswer::Verdict::kStale}});
    co_return;
  }
  if (row->operation != done.operation || !find_action(row->task_state)) co_return;
  Instance next = *row;
  const WallTime now = world_.loop.wall_now();
  apply_action_result(next, done, now);
  ActionChanges record(world_.records);
  record.finish(next, now, done.fault.message);
  Transaction more;
  record.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more))) co_return;
  record.apply();
  world_.drives.power_actions().erase(done.placement.instance);
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
    if (row && find_action(row->task_state)) {
      send_action(*row, row->trace);
    } else {
      world_.drives.power_actions().erase(uuid);
    }
  }
}

}  // namespace kilonova::controller
