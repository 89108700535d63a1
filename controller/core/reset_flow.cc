#include "controller/core/reset_flow.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "controller/core/instance_actions.h"
#include "controller/core/move_changes.h"
#include "controller/core/named_records.h"
#include "controller/core/nouns/servers.h"
#include "controller/core/row_writer.h"
#include "controller/core/snapshots.h"
#include "controller/core/transitions.h"
#include "controller/core/used_epochs.h"
#include "domain/nouns/host.h"

namespace kilonova::controller {

Task<Expected<Empty>> ResetFlow::handle(ResetServerState request, RequestContext context) {
  auto found = find_server(world_.instances, scope_of(context, true), request.server);
  if (!found) co_return std::unexpected(found.error());
  const Uuid instance = (*found)->uuid;
  auto lock = co_await world_.instance_locks.acquire(instance);
  auto images = co_await lock_images_of(world_, instance);
  const Instance* row = world_.instances.find(instance);
  if (!row || row->task_state == TaskState::kDeleting) co_return not_found("server", request.server);
  const PlacementId before = row->placement_id();
  const Drive* drive = world_.drives.find(instance);
  const std::string builder = drive && row->current.host.empty() ? drive->host : row->current.host;
  Instance next = *row;
  const WallTime now = world_.loop.wall_now();
  MoveChanges moved(world_);
  moved.drop(*row);
  const bool was_moving = row->move.has_value();
  const bool was_building = row->being_built() != nullptr;
  apply_reset(next, request.state, now, used_epoch(world_, next.uuid));
  const bool gives_up = next.current.epoch != before.epoch;
  Transaction more;
  if (gives_up) more.push_back(mutation::EraseAllocation{before});
  ActionChanges record(world_);
  SnapshotChanges snapshot(world_.records, world_.loop.wall_now());
  record.finish(next, now, "its state was reset by an administrator");
  if (is_snapshot(row->task_state)) snapshot.finish(instance, false);
  record.begin(next, "resetState", {}, context, now, true);
  record.put(more);
  snapshot.put(more);
  moved.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more)))
    co_return fail(ErrorCode::kUnavailable, "the store refused the change: nothing was changed, try again");
  record.apply();
  snapshot.apply();
  moved.apply();
  if (was_building) end_drive(world_, instance);
  // The host that it was leaving has said how it left the guest, and is not asked any more.
  const Instance& left = *world_.instances.find(instance);
  if (was_moving && !left.current.host.empty()) world_.flows.spawn(actions_.look_at_power(instance));
  world_.drives.power_actions().erase(instance);
  if (!gives_up) co_return Empty{};
  end_drive(world_, instance);
  // What it has of the try is over; the network-controller hears it from that host, or at its next audit.
  if (auto host = world_.records.of<Host>().find(builder); host != world_.records.of<Host>().end())
    world_.transport.send(host->second.process,
                          Message{0, ReportAnswer{builder, before, ReportAnswer::Verdict::kStale}});
  co_return Empty{};
}

}  // namespace kilonova::controller
