#include "domain/move.h"

#include <algorithm>
#include <array>

namespace kilonova {

std::string_view to_string(MoveKind kind) {
  switch (kind) {
    case MoveKind::kResize: return "resize";
    case MoveKind::kMigration: return "migration";
    case MoveKind::kLiveMigration: return "live-migration";
    case MoveKind::kEvacuation: return "evacuation";
    case MoveKind::kUnshelve: return "unshelve";
  }
  return "unknown";
}

TaskState task_of(MoveKind kind, MoveStage stage) {
  if (stage == MoveStage::kArrived || stage == MoveStage::kConfirming) return TaskState::kNone;
  const bool building = stage == MoveStage::kBuilding;
  switch (kind) {
    case MoveKind::kLiveMigration: return TaskState::kMigrating;
    case MoveKind::kEvacuation: return building ? TaskState::kRebuilding : TaskState::kRebuildSpawning;
    case MoveKind::kUnshelve: return building ? TaskState::kUnshelving : TaskState::kSpawning;
    case MoveKind::kResize:
    case MoveKind::kMigration: break;
  }
  switch (stage) {
    case MoveStage::kBuilding: return TaskState::kResizePrep;
    case MoveStage::kLeaving: return TaskState::kResizeMigrating;
    case MoveStage::kArriving: return TaskState::kResizeFinish;
    case MoveStage::kReverting:
    case MoveStage::kReturning: return TaskState::kResizeReverting;
    default: return TaskState::kNone;
  }
}

std::string_view status_of(MoveKind kind, MoveStage stage) {
  const bool live = kind == MoveKind::kLiveMigration;
  switch (stage) {
    case MoveStage::kBuilding: return live ? "preparing" : kind == MoveKind::kEvacuation ? "accepted" : "pre-migrating";
    case MoveStage::kLeaving: return live ? "running" : "migrating";
    case MoveStage::kArriving: return live ? "running" : kind == MoveKind::kEvacuation ? "pre-migrating" : "post-migrating";
    case MoveStage::kArrived: return "finished";
    case MoveStage::kConfirming: return "confirming";
    case MoveStage::kReverting:
    case MoveStage::kReturning: return live ? "cancelled" : "reverting";
    case MoveStage::kUnspecified: break;
  }
  return "error";
}

std::optional<StageWork> work_of(const Move& move) {
  const bool live = move.kind == MoveKind::kLiveMigration;
  const auto as_it_was = [&] {
    if (move.from == VmState::kPaused) return ServerActionKind::kMoveInPaused;
    return move.from == VmState::kStopped ? ServerActionKind::kMoveInOff : ServerActionKind::kMoveIn;
  };
  switch (move.stage) {
    case MoveStage::kLeaving: return StageWork{live ? ServerActionKind::kMoveOutLive : ServerActionKind::kMoveOut, false};
    case MoveStage::kArriving: return StageWork{as_it_was(), true};
    case MoveStage::kReturning: return StageWork{as_it_was(), false};
    default: return std::nullopt;
  }
}

MoveStage stage_after_building(MoveKind kind) {
  return kind == MoveKind::kEvacuation || kind == MoveKind::kUnshelve ? MoveStage::kArriving : MoveStage::kLeaving;
}

bool is_over(std::string_view status) {
  static constexpr auto kOver =
      std::to_array<std::string_view>({"confirmed", "reverted", "error", "failed", "completed", "cancelled", "done"});
  return std::ranges::find(kOver, status) != kOver.end();
}

}  // namespace kilonova
