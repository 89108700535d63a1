// What hosts and schedulers say of the second placement of a server that moves: the parts of BuildResults (build_results.h)
// that are not those of a launch.
#include <utility>

#include "base/sometimes.h"
#include "controller/core/build_results.h"
#include "controller/core/move_changes.h"
#include "controller/core/row_writer.h"
#include "controller/core/transitions.h"

namespace kilonova::controller {

Task<bool> BuildResults::commit_move_built(Instance next, InstanceReport report) {
  const Uuid uuid = next.uuid;
  MoveChanges changes(world_);
  changes.built(next, report);
  Transaction more;
  changes.put(more);
  if (!co_await commit_end(std::move(next), report, std::move(more))) co_return false;
  changes.apply();
  stages_.send(*world_.instances.find(uuid));
  co_return true;
}

// Nova reschedules while the new host prepares, and not afterwards (nova/compute/manager.py _reschedule_resize_or_reraise).
Task<bool> BuildResults::commit_move_rescheduled(Instance next, InstanceReport report, bool anew) {
  next.alternates = report.alternates;
  const bool forced = !report.host.empty() && next.move->forced;
  const bool again = report.host.empty() || anew ? next.attempt < world_.options.max_attempts && !forced
                                                 : may_reschedule(next, world_.options.max_attempts);
  if (!again) {
    std::string why = report.fault.message;
    co_return co_await commit_move_failed(std::move(next), std::move(report), why, why);
  }
  if (!report.host.empty()) next.tried_hosts.push_back(report.host);
  const Uuid uuid = next.uuid;
  MoveChanges changes(world_);
  KN_SOMETIMES("controller: a move is rescheduled");
  changes.tried(next, report.host);
  changes.next_try(next, true);
  Transaction more;
  changes.put(more);
  if (!co_await commit_end(std::move(next), report, std::move(more))) co_return false;
  changes.apply();
  launches_.build_instances(*world_.instances.find(uuid));
  co_return true;
}

Task<bool> BuildResults::commit_move_failed(Instance next, InstanceReport report, std::string message,
                                            std::string details) {
  MoveChanges changes(world_);
  changes.tried(next, report.host);
  changes.fail(next, std::move(message), std::move(details));
  Transaction more;
  changes.put(more);
  if (!co_await commit_end(std::move(next), report, std::move(more))) co_return false;
  changes.apply();
  co_return true;
}

Task<bool> BuildResults::commit_next_move_try(Instance next, bool counts, uint32_t lost_casts) {
  const Uuid uuid = next.uuid;
  const bool vanishes = lost_casts >= world_.options.max_lost_casts;
  const bool exhausted = vanishes || (counts && next.attempt >= world_.options.max_attempts);
  MoveChanges changes(world_);
  KN_SOMETIMES("controller: a try of a move was lost");
  if (exhausted) {
    changes.fail(next, vanishes ? lost_casts_message(uuid, lost_casts) : max_retries_message(uuid),
                 "the last try was lost with its host");
  } else {
    next.alternates.clear();
    changes.next_try(next, counts);
  }
  Transaction more;
  changes.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more))) co_return false;
  changes.apply();
  end_drive(world_, uuid);
  if (exhausted) co_return true;
  launches_.build_instances(*world_.instances.find(uuid));
  world_.drives.find(uuid)->lost_casts = lost_casts;
  co_return true;
}

Task<> BuildResults::give_up_build(Uuid instance) {
  auto lock = co_await world_.instance_locks.acquire(instance);
  const Instance* row = world_.instances.find(instance);
  if (!row || row->move || row->being_built() == nullptr) co_return;
  const PlacementId given_up = row->placement_id();
  const Drive* drive = world_.drives.find(instance);
  const std::string host = drive && row->current.host.empty() ? drive->host : row->current.host;
  Instance next = *row;
  apply_error(next, "Instance build timed out. Set to error state.", "instance_build_timeout", world_.loop.wall_now());
  Transaction more;
  more.push_back(mutation::EraseAllocation{given_up});
  const TraceContext trace = row->trace;
  if (!co_await world_.rows.commit(std::move(next), std::move(more))) co_return;  // at the next look
  end_drive(world_, instance);
  world_.returns.release(given_up, trace);
  if (auto carried = world_.records.of<Host>().find(host); carried != world_.records.of<Host>().end())
    answer(Peer{carried->second.process, 0}, host, given_up, ReportAnswer::Verdict::kStale);
}

}  // namespace kilonova::controller
