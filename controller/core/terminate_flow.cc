#include "controller/core/terminate_flow.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/sometimes.h"
#include "controller/core/deleted_servers.h"
#include "controller/core/instance_actions.h"
#include "controller/core/nouns/server_changes.h"
#include "controller/core/nouns/servers.h"
#include "controller/core/row_writer.h"
#include "controller/core/snapshots.h"
#include "controller/core/transitions.h"
#include "controller/core/used_epochs.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"

namespace kilonova::controller {
namespace {

// Where there may be something of the server.
std::vector<std::string> hosts_of(const Instance& row) {
  std::vector<std::string> hosts;
  if (!row.current.host.empty()) hosts.push_back(row.current.host);
  if (row.other && !row.other->host.empty()) hosts.push_back(row.other->host);
  return hosts;
}

}  // namespace

Task<Expected<Empty>> TerminateFlow::handle(DeleteServer request, RequestContext context) {
  auto row = find_server(world_.instances, scope_of(context, request.all_projects), request.server);
  if (!row) co_return std::unexpected(row.error());
  if (auto unlocked = check_unlocked(world_.records, (*row)->uuid, context); !unlocked)
    co_return std::unexpected(unlocked.error());
  const Uuid instance = (*row)->uuid;
  const bool keeps = !request.force && world_.options.reclaim_instance_interval.us > 0;
  if (keeps) {
    auto lock = co_await world_.instance_locks.acquire(instance);
    const Instance* now = world_.instances.find(instance);
    if (now && now->vm_state == VmState::kSoftDelete) co_return Empty{};
    if (now && is_kept(*now))
      co_return co_await actions_.begin(*now, *find_action(ServerActionKind::kSoftDelete), std::move(context));
  }
  co_return co_await delete_server(instance, std::move(context));
}

// Nova: nova/compute/api.py soft_delete, for one that was launched and that nothing is done to; else it goes at once.
bool TerminateFlow::is_kept(const Instance& row) const {
  constexpr StateSet<VmState> kKept{VmState::kActive,    VmState::kStopped, VmState::kPaused,
                                    VmState::kSuspended, VmState::kError,   VmState::kRescued};
  return kKept.contains(row.vm_state) && !row.current.host.empty() && row.task_state == TaskState::kNone &&
         hosts_.is_up(row.current.host);
}

Task<> TerminateFlow::reclaim(Uuid instance) {
  const Instance* row = world_.instances.find(instance);
  if (row && row->vm_state == VmState::kSoftDelete && row->task_state == TaskState::kNone)
    (void)co_await delete_server(instance, {});
}

Task<Expected<Empty>> TerminateFlow::delete_server(Uuid instance, RequestContext by) {
  auto lock = co_await world_.instance_locks.acquire(instance);
  auto images = co_await lock_images_of(world_, instance);
  const Instance* row = world_.instances.find(instance);
  if (!row) co_return fail(ErrorCode::kNotFound, fmt::format("server '{}' not found", to_string(instance)));
  if (row->task_state == TaskState::kDeleting) co_return Empty{};
  Instance next = *row;
  SnapshotChanges snapshot(world_.records, world_.loop.wall_now());
  if (is_snapshot(next.task_state)) snapshot.finish(instance, false);
  if (next.vm_state == VmState::kShelved || next.vm_state == VmState::kShelvedOffloaded)
    snapshot.forget(next.shelved_image);
  apply_deleting(next, world_.loop.wall_now(), used_epoch(world_, instance));
  Transaction more;
  snapshot.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more)))
    co_return fail(ErrorCode::kUnavailable, "the store refused the delete: nothing was changed, try again");
  snapshot.apply();
  end_drive(world_, instance);
  const Instance& deleting = *world_.instances.find(instance);
  DeletePending& pending = world_.drives.deletes()[instance] = {};
  pending.by = std::move(by);
  pending.since = world_.loop.wall_now();
  // While processes are still to be heard after a restart, a host that seems down is waited for.
  for (const std::string& host : hosts_of(deleting))
    if (world_.recovering || hosts_.is_up(host)) pending.hosts.insert(host);
  send_delete(deleting);
  co_return Empty{};
}

void TerminateFlow::send_delete(const Instance& row) {
  const PlacementId placement = row.placement_id();
  DeletePending& pending = world_.drives.deletes()[row.uuid];
  pending.asked = world_.loop.now();
  if (pending.awaits_network)
    world_.transport.send(PeerId{Role::kNetwork, 0}, Message{0, ReleaseAddresses{placement, row.trace, 0, 0, true}});
  // A host that is down is not waited for, but told: its process may be frozen and come back as it was.
  for (const std::string& name : hosts_of(row)) terminations_.tell(row, "delete", placement, name);
}

Task<> TerminateFlow::on_terminated(InstanceTerminated message) {
  {
    auto lock = co_await world_.instance_locks.acquire(message.placement.instance);
    if (co_await stages_.on_terminated(message) || co_await actions_.on_terminated(message)) co_return;
  }
  co_await confirmed(message.placement, {std::move(message.host)}, false);
}

Task<> TerminateFlow::on_released(AddressesReleased message) { co_await confirmed(message.placement, {}, true); }

Task<> TerminateFlow::confirmed(PlacementId placement, std::set<std::string> hosts, bool network) {
  auto lock = co_await world_.instance_locks.acquire(placement.instance);
  const Instance* row = world_.instances.find(placement.instance);
  if (!row || row->task_state != TaskState::kDeleting || row->current.epoch != placement.epoch) {
    if (row) KN_SOMETIMES("controller: a delete is confirmed that is not this server's");
    co_return;
  }
  // Half a confirmation is remembered, not stored: after a restart all are asked again.
  DeletePending& pending = world_.drives.deletes()[placement.instance];
  for (const std::string& host : hosts) pending.hosts.erase(host);
  if (network) pending.awaits_network = false;
  if (!pending.hosts.empty() || pending.awaits_network) co_return;
  auto& properties = world_.records.of<ServerProperties>();
  Transaction more;
  if (properties.contains(placement.instance)) more.push_back(mutation::Erase<ServerProperties>{placement.instance});
  MoveChanges record(world_);
  record.erase_all(placement.instance);
  record.put(more);
  DeletedServerChanges gone(world_);
  gone.remember(*row, pending);
  gone.put(more);
  if (!co_await world_.rows.erase(placement.instance, std::move(more))) {
    KN_SOMETIMES("controller: the store refuses the end of a delete");
    co_return;
  }
  properties.erase(placement.instance);
  record.apply();
  gone.apply();
  world_.drives.deletes().erase(placement.instance);
}

Task<> TerminateFlow::finish_without(Uuid instance, std::set<std::string> hosts) {
  const Instance* row = world_.instances.find(instance);
  if (row) co_await confirmed(row->placement_id(), std::move(hosts), false);
  auto pending = world_.drives.deletes().find(instance);
  if (pending != world_.drives.deletes().end()) pending->second.finishing = false;  // the store refused
}

void TerminateFlow::resend_unconfirmed() {
  Instant due = world_.loop.now() - world_.options.report_interval;
  std::vector<Uuid> late;
  for (const auto& [uuid, pending] : world_.drives.deletes())
    if (pending.asked <= due) late.push_back(uuid);
  for (const Uuid& uuid : late) {
    const Instance* row = world_.instances.find(uuid);
    if (!row) continue;
    KN_SOMETIMES("controller: a delete is told again");
    send_delete(*row);
    DeletePending& pending = world_.drives.deletes()[uuid];
    std::set<std::string> down;
    for (const std::string& host : pending.hosts)
      if (!world_.recovering && !hosts_.is_up(host)) down.insert(host);
    // Also ends a delete whose last commit was refused: nobody is left to confirm it.
    if (down.size() == pending.hosts.size() && !std::exchange(pending.finishing, true)) {
      KN_SOMETIMES("controller: a delete does not wait for a host that is down");
      world_.flows.spawn(finish_without(uuid, std::move(down)));
    }
  }
}

void TerminateFlow::resume(const Uuid& instance) {
  KN_SOMETIMES("controller: a delete goes on after a restart");
  const Instance& row = *world_.instances.find(instance);
  DeletePending& pending = world_.drives.deletes()[instance] = {};
  for (const std::string& host : hosts_of(row)) pending.hosts.insert(host);
  send_delete(row);
}

void TerminateFlow::resend_all() {
  std::vector<Uuid> pending;
  for (const auto& [uuid, entry] : world_.drives.deletes()) pending.push_back(uuid);
  for (const Uuid& uuid : pending)
    if (const Instance* row = world_.instances.find(uuid)) send_delete(*row);
}

}  // namespace kilonova::controller
