// A server on its way to another host: resize, migration, evacuation and unshelving. What a move needs to go on stands in
// the server's row, which is its outbox; what became of it stays in its Migration. docs/protocol.md, "Moves".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/time.h"
#include "domain/record.h"
#include "domain/resources.h"
#include "domain/server_actions.h"
#include "domain/states.h"

namespace kilonova {

// The numbers are stored and sent.
enum class MoveKind : uint8_t {
  kResize = 1,
  kMigration,      // cold
  kLiveMigration,
  kEvacuation,     // its host is down
  kUnshelve,       // it has none
};

// What is under way, in this order. kUnspecified is never stored of a move.
enum class MoveStage : uint8_t {
  kUnspecified = 0,
  kBuilding,    // on the new host: claimed, with its addresses, its disks there, and off
  kLeaving,     // the old host lets it go: off, its disks or its memory sent over
  kArriving,    // the new host has it as it was
  kArrived,     // resized, until it is confirmed or reverted
  kConfirming,  // the old host forgets it
  kReverting,   // the new host forgets it
  kReturning,   // the old host has it as it was
};

struct Move {
  MoveKind kind = MoveKind::kResize;
  MoveStage stage = MoveStage::kBuilding;
  int64_t migration = 0;  // its record; 0 = it has none (Nova keeps none of an unshelving)
  VmState from = VmState::kActive;  // where it began, and what it is again
  Flavor old_flavor;
  Flavor new_flavor;           // the same where it is no resize
  std::string requested_host;  // "" = any
  bool forced = false;         // to that host, whatever filters say
  bool auto_confirmed = false;

  bool operator==(const Move&) const = default;
};

// Nova's Migration (nova/objects/migration.py): what became of one move. The newest of a server are kept with it.
struct Migration {
  static constexpr Record kRecord{"migrations", "id", "migration"};
  int64_t key() const { return id; }

  int64_t id = 0;  // ascending from 1
  Uuid uuid;
  Uuid instance;
  Uuid user_id;
  Uuid project_id;
  MoveKind kind = MoveKind::kResize;
  std::string status;  // Nova's: "migrating"
  std::string source_compute;
  std::string dest_compute;  // "" until one was chosen
  std::string old_flavor;    // id
  std::string new_flavor;
  WallTime created_at;
  WallTime updated_at;

  bool operator==(const Migration&) const = default;
};

template <class Io, RowOf<Migration> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.uuid, row.instance, row.user_id, row.project_id, row.kind, row.status, row.source_compute,
     row.dest_compute, row.old_flavor, row.new_flavor, row.created_at, row.updated_at);
}

constexpr bool is_known(MoveKind kind) { return kind >= MoveKind::kResize && kind <= MoveKind::kUnshelve; }
constexpr bool is_known(MoveStage stage) { return stage <= MoveStage::kReturning; }

// Nova's migration_type: "resize", "migration", "live-migration", "evacuation".
std::string_view to_string(MoveKind kind);
// Nova's task_state of this stage.
TaskState task_of(MoveKind kind, MoveStage stage);
// Nova's status of the migration in this stage: "pre-migrating", "migrating", "post-migrating", "finished", ...
std::string_view status_of(MoveKind kind, MoveStage stage);
// What a host does in this stage: the one of the server's current placement, or of the other one. Nothing where none
// works on the guest.
struct StageWork {
  ServerActionKind action = ServerActionKind::kMoveIn;
  bool on_other = false;
};
std::optional<StageWork> work_of(const Move& move);
// What follows when the work of a stage is done; kArrived for a move that is over then, unless it is a resize or a cold
// migration.
MoveStage stage_after_building(MoveKind kind);
// It waits for its user before the old host forgets it.
constexpr bool is_confirmed_by_user(MoveKind kind) {
  return kind == MoveKind::kResize || kind == MoveKind::kMigration;
}
// Nova's statuses of a migration that is over (nova/objects/migration.py).
bool is_over(std::string_view status);

}  // namespace kilonova
