#include "controller/core/move_stages.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "base/sometimes.h"
#include "controller/core/move_transitions.h"
#include "controller/core/row_writer.h"
#include "controller/core/send_server_action.h"
#include "domain/nouns/host.h"

namespace kilonova::controller {
namespace {

struct Told {
  const Placement* placement = nullptr;
  std::optional<ServerActionKind> work;  // nothing: it is to be forgotten
};

// Who does something in this stage, and what.
std::optional<Told> told_in(const Instance& row) {
  if (!row.move || row.task_state == TaskState::kDeleting) return std::nullopt;
  if (row.move->stage == MoveStage::kConfirming && row.other) return Told{&*row.other, std::nullopt};
  if (row.move->stage == MoveStage::kReverting) return Told{&row.current, std::nullopt};
  const auto work = work_of(*row.move);
  if (!work || (work->on_other && !row.other)) return std::nullopt;
  return Told{work->on_other ? &*row.other : &row.current, work->action};
}

// As fault rules name the whole move: where the first host works on a guest of it. "" elsewhere.
std::string_view struck_as(const Move& move) {
  if (move.stage != stage_after_building(move.kind)) return {};
  switch (move.kind) {
    case MoveKind::kResize: return "resize";
    case MoveKind::kMigration: return "migrate";
    case MoveKind::kLiveMigration: return "live-migrate";
    case MoveKind::kEvacuation: return "evacuate";
    case MoveKind::kUnshelve: return "unshelve";
  }
  return {};
}

bool is_from(const Instance& row, const Placement& placement, const PlacementId& said, const std::string& host) {
  return said == PlacementId{row.uuid, placement.epoch} && placement.host == host;
}

}  // namespace

Task<Expected<Empty>> MoveStages::begin(Instance next, Move move, const ServerActionInfo& action,
                                        RequestContext context) {
  const Uuid instance = next.uuid;
  MoveChanges changes(world_);
  changes.begin(next, std::move(move), action, context);
  Transaction more;
  changes.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more)))
    co_return fail(ErrorCode::kUnavailable, "the store refused the change: nothing was changed, try again");
  changes.apply();
  world_.drives.power_actions().erase(instance);  // of a host that is down
  launches_.build_instances(*world_.instances.find(instance));
  co_return Empty{};
}

Task<bool> MoveStages::commit(Instance next, MoveChanges changes, Transaction more) {
  const Uuid instance = next.uuid;
  changes.put(more);
  if (!co_await world_.rows.commit(std::move(next), std::move(more))) {
    KN_SOMETIMES("controller: the store refuses a stage of a move");
    co_return false;
  }
  changes.apply();
  world_.drives.power_actions().erase(instance);
  send(*world_.instances.find(instance));
  co_return true;
}

bool MoveStages::is_told(const Instance& row) { return told_in(row).has_value(); }

bool MoveStages::awaits(const Instance& row, const ServerActionDone& done) {
  const auto told = told_in(row);
  return told && (told->work || !done.fault.message.empty()) &&
         is_from(row, *told->placement, done.placement, done.host);
}

void MoveStages::send(const Instance& row) {
  const auto told = told_in(row);
  if (!told) return;
  world_.drives.power_actions().insert(row.uuid);
  const std::string& name = told->placement->host;
  const PlacementId placement{row.uuid, told->placement->epoch};
  if (!told->work) {
    const bool confirms = row.move->stage == MoveStage::kConfirming;
    return terminations_.tell(row, confirms ? "confirm-resize" : "revert-resize", placement, name);
  }
  const FaultSubject subject{row.name, row.spec.project_id};
  auto faults = world_.faults.of_action(subject, find_action(*told->work)->name);
  std::ranges::move(world_.faults.of_action(subject, struck_as(*row.move)), std::back_inserter(faults));
  send_server_action(world_, row, *told->placement, *told->work, row.trace, std::move(faults));
}

Task<> MoveStages::on_done(ServerActionDone done) {
  const Instance& row = *world_.instances.find(done.placement.instance);
  if (row.operation != done.operation || !awaits(row, done)) {
    KN_SOMETIMES("controller: a stage of a move is done that is over");
    co_return;
  }
  Instance next = row;
  MoveChanges changes(world_);
  if (done.fault.message.empty()) {
    changes.work_done(next, done.power_state);
  } else {
    changes.fail(next, done.fault.message, "host " + done.host);
  }
  co_await commit(std::move(next), std::move(changes));
}

Task<bool> MoveStages::on_terminated(const InstanceTerminated& message) {
  const Uuid instance = message.placement.instance;
  const PlacementId placement = message.placement;
  const std::string host = message.host;
  const Instance* row = world_.instances.find(instance);
  if (!row) co_return false;
  const auto told = told_in(*row);
  if (!told || told->work || !is_from(*row, *told->placement, placement, host)) co_return false;
  Instance next = *row;
  MoveChanges changes(world_);
  if (next.move->stage == MoveStage::kConfirming) {
    changes.confirmed(next);
  } else {
    changes.returning(next);
  }
  co_await commit(std::move(next), std::move(changes));
  co_return true;
}

}  // namespace kilonova::controller
