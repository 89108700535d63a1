// What goes with the row of a server whose move begins, goes on or ends, in one transaction: its Migration, what is recorded
// of the action, the allocations of its placements, and images that are
// not needed any more. Loop thread only; the caller holds the server's lock.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/core/controller_world.h"
#include "controller/core/instance_actions.h"
#include "controller/core/snapshots.h"
#include "domain/instance.h"
#include "domain/messages.h"
#include "domain/operation.h"
#include "domain/server_actions.h"

namespace kilonova::controller {

// How many migrations are kept of one server: older ones that are over go when another begins.
inline constexpr size_t kMigrationsKept = 100;

class MoveChanges {
 public:
  explicit MoveChanges(ControllerWorld& world)
      : world_(world), record_(world), snapshot_(world.records, world.loop.wall_now()) {}

  // Each changes the row, by move_transitions.h, and notes what goes with it.
  void begin(Instance& row, Move move, const ServerActionInfo& action, const RequestContext& context);
  void progress(Instance& row, const InstanceReport& report);
  void built(Instance& row, const InstanceReport& report);
  // This host has tried to take it, whatever came of that; "" = none has.
  void tried(const Instance& row, const std::string& host);
  void next_try(Instance& row, bool counts);
  void work_done(Instance& row, PowerState power);
  void confirming(Instance& row, const RequestContext& context);
  void confirmed(Instance& row);
  void reverting(Instance& row, const RequestContext& context);
  void returning(Instance& row);
  void aborted(Instance& row);
  void fail(Instance& row, std::string message, std::string details);
  // Whatever is under way ends: the row is reset, deleted, or has lost its guest; the caller changes it.
  void drop(const Instance& row);
  // The row goes, and its actions; its migrations are over, and stay as long as it is remembered (deleted_servers.h).
  void erase_all(const Uuid& instance);

  void put(Transaction& transaction) const;
  // Once it is committed: into memory; and who holds what of a placement that is over is told.
  void apply();

 private:
  // `status`: Nova's, of the migration; "" = as it is.
  void set_migration(const Instance& row, std::string_view status);
  // This placement is over.
  void drop_placement(const Instance& row, const Placement& placement, uint64_t kept_by);
  void allocate(const Instance& row, const Placement& placement);

  struct Dropped {
    PlacementId placement;
    std::string host;
    TraceContext trace;
    uint64_t kept_by = 0;
  };

  ControllerWorld& world_;
  ActionChanges record_;
  SnapshotChanges snapshot_;
  std::vector<Migration> migrations_;
  std::vector<int64_t> erased_;
  std::vector<Allocation> allocations_;
  std::vector<Dropped> dropped_;
};

}  // namespace kilonova::controller
