#include "controller/core/move_changes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "controller/core/move_transitions.h"
#include "controller/core/transitions.h"
#include "controller/core/used_epochs.h"
#include "domain/nouns/host.h"

namespace kilonova::controller {
namespace {

// Of a row whose move ends: the placement that goes with it, and the one that stays.
struct Parted {
  const Placement& goes;
  const Placement& stays;
};

// Of a move that goes on.
ActionPhase phase_of(MoveStage stage) {
  return stage <= MoveStage::kBuilding  ? ActionPhase::kPreparing
         : stage == MoveStage::kLeaving ? ActionPhase::kLeaving
                                        : ActionPhase::kArriving;
}

Parted part(const Instance& row) {
  if (row.move->stage == MoveStage::kReverting) return {row.current, *row.other};
  return {*row.other, row.current};
}

}  // namespace

void MoveChanges::begin(Instance& row, Move move, const ServerActionInfo& action, const RequestContext& context) {
  const WallTime now = world_.loop.wall_now();
  const auto& table = world_.records.of<Migration>();
  if (move.kind != MoveKind::kUnshelve) {
    move.migration = table.empty() ? 1 : std::prev(table.end())->first + 1;
    migrations_.push_back({.id = move.migration,
                           .uuid = random_uuid(world_.random),
                           .instance = row.uuid,
                           .user_id = context.user_id,
                           .project_id = context.project_id,
                           .kind = move.kind,
                           .status = std::string(status_of(move.kind, MoveStage::kBuilding)),
                           .source_compute = row.current.host,
                           .dest_compute = move.requested_host,
                           .old_flavor = move.old_flavor.id,
                           .new_flavor = move.new_flavor.id,
                           .created_at = now,
                           .updated_at = now});
    std::vector<int64_t> of_server;
    for (const auto& [id, migration] : table)
      if (migration.instance == row.uuid) of_server.push_back(id);
    if (of_server.size() >= kMigrationsKept) erased_.push_back(of_server.front());
  }
  // Of a host that is down nothing more comes.
  if (is_snapshot(row.task_state)) snapshot_.finish(row.uuid, false);
  // A store that went back has given out epochs that hosts have heard of and rows do not know.
  row.last_epoch = std::max(row.last_epoch, used_epoch(world_, row.uuid));
  apply_move_begun(row, std::move(move), now);
  record_.begin(row, action, context, now, false);
}

void MoveChanges::set_migration(const Instance& row, std::string_view status) {
  const auto& table = world_.records.of<Migration>();
  auto known = table.find(row.move->migration);
  if (known == table.end()) return;
  Migration& changed = migrations_.emplace_back(known->second);
  if (!status.empty()) changed.status = status;
  if (row.move->stage <= MoveStage::kArriving && row.other && !row.other->host.empty())
    changed.dest_compute = row.other->host;
  changed.updated_at = world_.loop.wall_now();
}

void MoveChanges::drop_placement(const Instance& row, const Placement& placement, uint64_t kept_by) {
  dropped_.push_back({{row.uuid, placement.epoch}, placement.host, row.trace, kept_by});
}

void MoveChanges::allocate(const Instance& row, const Placement& placement) {
  const PlacementId id{row.uuid, placement.epoch};
  if (world_.allocations.find(id)) return;
  allocations_.push_back({row.uuid, placement.epoch, placement.host, resources_of(flavor_of(row, placement))});
}

void MoveChanges::progress(Instance& row, const InstanceReport& report) {
  tried(row, report.host);
  apply_move_progress(row, report, world_.loop.wall_now());
  allocate(row, *row.other);
}

void MoveChanges::tried(const Instance& row, const std::string& host) {
  if (host.empty() || !row.other || row.other->host == host) return;  // it is in the record
  Instance found = row;
  found.other->host = host;
  record_.reach(found, ActionPhase::kPreparing, world_.loop.wall_now());
}

void MoveChanges::built(Instance& row, const InstanceReport& report) {
  tried(row, report.host);
  apply_move_built(row, report, world_.loop.wall_now());
  record_.reach(row, phase_of(row.move->stage), world_.loop.wall_now());
  allocate(row, *row.other);
  set_migration(row, status_of(row.move->kind, row.move->stage));
}

void MoveChanges::next_try(Instance& row, bool counts) {
  drop_placement(row, *row.other, row.current.epoch);
  row.last_epoch = std::max(row.last_epoch, used_epoch(world_, row.uuid));
  apply_move_next_try(row, counts, world_.loop.wall_now());
  record_.try_again(row, world_.loop.wall_now());
}

void MoveChanges::work_done(Instance& row, PowerState power) {
  const WallTime now = world_.loop.wall_now();
  const Instance before = row;
  apply_move_work_done(row, power, now);
  if (row.move) {
    set_migration(row, status_of(row.move->kind, row.move->stage));
    if (row.move->stage == MoveStage::kArrived) {
      record_.finish(row, now, "");
    } else {
      record_.reach(row, phase_of(row.move->stage), now);
    }
    return;
  }
  const bool returned = before.move->stage == MoveStage::kReturning;
  const bool live = before.move->kind == MoveKind::kLiveMigration;
  if (returned) {
    set_migration(before, live ? "cancelled" : "reverted");
    record_.finish(row, now, live ? "the live migration was aborted" : "");
    return;
  }
  set_migration(before, live ? "completed" : "done");
  record_.finish(row, now, "");
  drop_placement(before, before.current, row.current.epoch);
  snapshot_.forget(before.shelved_image);
}

void MoveChanges::confirming(Instance& row, const RequestContext& context) {
  const WallTime now = world_.loop.wall_now();
  record_.begin(row, *find_action(ServerActionKind::kConfirmResize), context, now, false);
  apply_confirming(row, now);
  set_migration(row, "confirming");
}

void MoveChanges::confirmed(Instance& row) {
  const WallTime now = world_.loop.wall_now();
  set_migration(row, "confirmed");
  drop_placement(row, *row.other, row.current.epoch);
  // Its guest was lost while it waited, and what it could have gone back to is gone as well.
  const bool is_lost = row.power_state == PowerState::kNoState;
  if (is_lost) drop_placement(row, row.current, 0);
  apply_confirmed(row, now);
  if (is_lost) apply_error(row, lost_guest_message(row.uuid), "its resize was confirmed after that", now);
  record_.finish(row, now, is_lost ? row.fault.message : "");
}

void MoveChanges::reverting(Instance& row, const RequestContext& context) {
  const WallTime now = world_.loop.wall_now();
  record_.begin(row, *find_action(ServerActionKind::kRevertResize), context, now, false);
  apply_reverting(row, now);
  set_migration(row, "reverting");
}

void MoveChanges::returning(Instance& row) {
  drop_placement(row, row.current, row.other->epoch);
  apply_returning(row, world_.loop.wall_now());
  record_.reach(row, phase_of(row.move->stage), world_.loop.wall_now());
}

void MoveChanges::aborted(Instance& row) {
  const WallTime now = world_.loop.wall_now();
  set_migration(row, "cancelled");
  drop_placement(row, *row.other, row.current.epoch);
  apply_move_aborted(row, now);
  if (!row.move) record_.finish(row, now, "the live migration was aborted");
}

void MoveChanges::fail(Instance& row, std::string message, std::string details) {
  const WallTime now = world_.loop.wall_now();
  set_migration(row, "error");
  if (row.other) drop_placement(row, part(row).goes, part(row).stays.epoch);
  apply_move_failed(row, message, std::move(details), now);
  record_.finish(row, now, std::move(message));
}

void MoveChanges::drop(const Instance& row) {
  if (!row.move) return;
  const bool arrived = row.move->stage == MoveStage::kArrived || row.move->stage == MoveStage::kConfirming;
  set_migration(row, arrived ? "confirmed" : "error");
  if (row.other) drop_placement(row, part(row).goes, part(row).stays.epoch);
}

// A resize that waited for its confirmation has it thereby (nova/compute/api.py _confirm_resize_on_deleting).
void MoveChanges::erase_all(const Uuid& instance) {
  for (const auto& [id, migration] : world_.records.of<Migration>()) {
    if (migration.instance != instance || is_over(migration.status)) continue;
    const bool has_arrived = migration.status == "finished" || migration.status == "confirming";
    Migration& ended = migrations_.emplace_back(migration);
    ended.status = has_arrived ? "confirmed" : "error";
    ended.updated_at = world_.loop.wall_now();
  }
  record_.erase_all(instance);
}

void MoveChanges::put(Transaction& transaction) const {
  record_.put(transaction);
  snapshot_.put(transaction);
  for (int64_t id : erased_) transaction.push_back(mutation::Erase<Migration>{id});
  for (const Migration& migration : migrations_) transaction.push_back(mutation::Put<Migration>{migration});
  for (const Dropped& dropped : dropped_) transaction.push_back(mutation::EraseAllocation{dropped.placement});
  for (const Allocation& allocation : allocations_) transaction.push_back(mutation::PutAllocation{allocation});
}

void MoveChanges::apply() {
  record_.apply();
  snapshot_.apply();
  auto& table = world_.records.of<Migration>();
  for (int64_t id : erased_) table.erase(id);
  for (Migration& migration : migrations_) {
    const int64_t id = migration.id;
    table[id] = std::move(migration);
  }
  for (const Dropped& dropped : dropped_) {
    world_.returns.release(dropped.placement, dropped.trace, dropped.kept_by);
    if (auto host = world_.records.of<Host>().find(dropped.host); host != world_.records.of<Host>().end())
      world_.transport.send(host->second.process,
                            Message{0, ReportAnswer{dropped.host, dropped.placement, ReportAnswer::Verdict::kStale}});
  }
}

}  // namespace kilonova::controller
