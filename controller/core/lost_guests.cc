#include "controller/core/lost_guests.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/sometimes.h"
#include "controller/core/instance_actions.h"
#include "controller/core/move_changes.h"
#include "controller/core/row_writer.h"
#include "controller/core/snapshots.h"
#include "controller/core/transitions.h"
#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/nouns/host.h"

namespace kilonova::controller {
namespace {

// One that waits for its user to confirm a move: the host that it left can still give it back.
bool can_go_back(const Instance& row) {
  return row.vm_state == VmState::kResized && row.task_state == TaskState::kNone && row.move && row.other &&
         row.move->stage == MoveStage::kArrived;
}

bool has_a_guest(const Instance& row) {
  if (can_go_back(row) && row.power_state == PowerState::kNoState) return false;  // it is known to be lost
  // Of a server that is leaving for good its host may have forgotten it.
  const bool leaves = row.task_state == TaskState::kDeleting || row.task_state == TaskState::kShelvingOffloading ||
                      (row.move && row.move->stage == MoveStage::kReverting);
  return has_guest(row.vm_state, row.current.host) && !leaves;
}

}  // namespace

void LostGuests::on_registration(const Peer& process, const RegisterHosts& part) {
  Registration& registration = registrations_[process.id];
  if (registration.incarnation != process.incarnation) registration = {.incarnation = process.incarnation};
  for (const HostInfo& info : part.hosts) {
    auto known = world_.records.of<Host>().find(info.name);
    if (known != world_.records.of<Host>().end() && known->second.process == process.id)
      registration.hosts.insert(info.name);
  }
  for (const GuestInfo& guest : part.guests) registration.named.insert(guest.placement);
  if (part.last) registration.whole = true;
}

void LostGuests::on_heartbeat(const Peer& process) {
  auto it = registrations_.find(process.id);
  if (it == registrations_.end() || it->second.incarnation != process.incarnation) return;
  Registration& registration = it->second;
  if (std::exchange(registration.whole, false)) find_missing(registration);
  if (registration.missing.empty() || std::exchange(registration.asking, true)) return;
  world_.flows.spawn(ask(process));
}

void LostGuests::on_terminated(const Peer& process, const InstanceTerminated& terminated) {
  const Instance* row = world_.instances.find(terminated.placement.instance);
  if (!row || !has_a_guest(*row) || row->current.host != terminated.host) return;
  if (row->current.epoch > terminated.placement.epoch) return;
  Registration& registration = registrations_[process.id];
  if (registration.incarnation != process.incarnation) return;
  registration.missing.push_back(row->placement_id());
}

void LostGuests::on_report(const Peer& process, const InstanceReport& report) {
  const Instance* row = world_.instances.find(report.placement.instance);
  if (!row || !has_a_guest(*row) || row->current.host != report.host) return;
  const bool is_built_over = report.placement.epoch > row->current.epoch && !row->placement_of(report.placement.epoch);
  const bool is_unbuilt = report.result == BuildResult::kLost && report.placement.epoch == row->current.epoch;
  if (is_unbuilt) KN_SOMETIMES("controller: a journal has half of a guest that was whole");
  if (!is_built_over && !is_unbuilt) return;
  // It may come before the registration, and is not said again.
  Registration& registration = registrations_[process.id];
  if (registration.incarnation != process.incarnation) registration = {.incarnation = process.incarnation};
  if (std::ranges::find(registration.missing, row->placement_id()) == registration.missing.end())
    registration.missing.push_back(row->placement_id());
}

void LostGuests::on_action_done(const Peer& process, const ServerActionDone& done) {
  if (done.fault.message.empty() || done.power_state != PowerState::kNoState) return;
  Registration& registration = registrations_[process.id];
  if (registration.incarnation != process.incarnation) return;
  KN_SOMETIMES("controller: a host has no guest to act on");
  registration.missing.push_back(done.placement);
}

// Beside those that were ended after the registration had named them.
void LostGuests::find_missing(Registration& registration) const {
  for (const std::string& host : registration.hosts) {
    for (const Instance* row : world_.instances.on_host(host)) {
      PlacementId placement{row->uuid, row->current.epoch};
      if (has_a_guest(*row) && !registration.named.contains(placement)) registration.missing.push_back(placement);
    }
  }
  registration.hosts.clear();
  registration.named.clear();
}

Task<> LostGuests::ask(Peer process) {
  std::vector<PlacementId> missing = std::exchange(registrations_[process.id].missing, {});
  auto found = co_await read_journals();
  Registration& registration = registrations_[process.id];
  if (registration.incarnation != process.incarnation) {
    KN_SOMETIMES("controller: a process restarts while the journals are asked");
    co_return;  // its next life has named its guests anew
  }
  registration.asking = false;
  if (!found) {
    KN_SOMETIMES("controller: the journals cannot be asked for missing guests");
    world_.log.event(LogLevel::kWarning, "guests are missing, and the journals cannot be asked for them yet",
                     {{"process", to_string(process.id)}, {"reason", found.error().message}});
    registration.missing.insert(registration.missing.end(), missing.begin(), missing.end());
    co_return;
  }
  for (const PlacementId& placement : missing)
    if (!found->contains(placement)) co_await give_up(placement);
}

Task<Expected<std::set<PlacementId>>> LostGuests::read_journals() {
  std::set<PlacementId> found;
  for (const Peer& process : world_.transport.peers(Role::kCompute)) {
    ReadBeliefs page{.daemon = process.id, .kind = BeliefKind::kGuests, .after = "", .limit = kBeliefsPerPage};
    do {
      auto reply = co_await world_.caller.call_repeatedly<ApiReply>(
          process.id, ApiCall{.context = {}, .accepted = {}, .request = page}, world_.options.rpc_response_timeout,
          world_.random);
      if (!reply) co_return std::unexpected(reply.error());
      if (!reply->result) co_return std::unexpected(reply->result.error());
      const auto* guests = get_if<BeliefPage>(&*reply->result);
      if (guests == nullptr) co_return fail(ErrorCode::kInternal, to_string(process.id) + " answered something else");
      for (const GuestBelief& guest : guests->guests) found.insert({guest.instance, guest.epoch});
      page.after = guests->next;
    } while (!page.after.empty());
  }
  co_return found;
}

Task<> LostGuests::give_up(PlacementId placement) {
  auto lock = co_await world_.instance_locks.acquire(placement.instance);
  auto images = co_await lock_images_of(world_, placement.instance);
  const Instance* row = world_.instances.find(placement.instance);
  if (!row || row->current.epoch != placement.epoch || !has_a_guest(*row)) co_return;
  // Its time ends as if the guest were there; in ERROR nobody would take it away any more, though its user has deleted it.
  if (row->vm_state == VmState::kSoftDelete && row->task_state == TaskState::kNone) {
    KN_SOMETIMES("controller: the guest of a soft-deleted server is lost");
    co_return;
  }
  if (can_go_back(*row)) co_return co_await leave_to_its_user(*row);
  KN_SOMETIMES("controller: a guest is given up");
  const std::string host = row->current.host;
  world_.log.event(LogLevel::kError, "a guest was lost: no hypervisor's journal has it",
                   {{"instance", to_string(placement.instance)}, {"host", host}});
  Instance next = *row;
  const TraceContext trace = row->trace;
  const TaskState task = row->task_state;
  MoveChanges changes(world_);
  changes.drop(*row);
  apply_error(
      next, lost_guest_message(placement.instance),
      fmt::format("host {} does not have it any more, and no other hypervisor's journal has it; a power loss under "
                  "--sync normal may take the newest records",
                  host),
      world_.loop.wall_now());
  Transaction more;
  more.push_back(mutation::EraseAllocation{placement});
  SnapshotChanges snapshot(world_.records, world_.loop.wall_now());
  if (is_snapshot(task)) snapshot.finish(placement.instance, false);
  snapshot.put(more);
  ActionChanges record(world_);
  record.finish(next, next.updated_at, next.fault.message);
  record.put(more);
  changes.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more))) {
    co_return ask_again(host, placement);
  }
  record.apply();
  snapshot.apply();
  world_.drives.power_actions().erase(placement.instance);
  changes.apply();
  world_.returns.release(placement, trace);
}

Task<> LostGuests::leave_to_its_user(Instance next) {
  KN_SOMETIMES("controller: the guest of a resized server is lost");
  const std::string host = next.current.host;
  const PlacementId placement = next.placement_id();
  world_.log.event(LogLevel::kError, "the guest of a resized server was lost: it is left to be reverted",
                   {{"instance", to_string(next.uuid)}, {"host", host}});
  next.power_state = PowerState::kNoState;
  next.updated_at = world_.loop.wall_now();
  if (!co_await world_.rows.commit(std::move(next), {})) ask_again(host, placement);
}

void LostGuests::ask_again(const std::string& host, PlacementId placement) {
  auto carried = world_.records.of<Host>().find(host);
  if (carried != world_.records.of<Host>().end())
    registrations_[carried->second.process].missing.push_back(placement);  // at its next heartbeat
}

}  // namespace kilonova::controller
