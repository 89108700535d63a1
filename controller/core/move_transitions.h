// Along which the row of a server that moves may change: plain functions, as transitions.h. None suspends, commits or sends.
// docs/protocol.md, "Moves", has the table.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "domain/instance.h"
#include "domain/messages.h"
#include "domain/nouns/quota.h"

namespace kilonova::controller {

// The move begins: its second placement has a new epoch and no host yet. `move.stage` is kBuilding.
void apply_move_begun(Instance& row, Move move, WallTime now);
// The next try of the second placement, on another host.
void apply_move_next_try(Instance& row, bool counts, WallTime now);
void apply_move_progress(Instance& row, const InstanceReport& report, WallTime now);
// The new host has all but the running guest.
void apply_move_built(Instance& row, const InstanceReport& report, WallTime now);
// A host has done the work of the stage (domain/move.h, work_of); the move goes on, or is over.
void apply_move_work_done(Instance& row, PowerState power, WallTime now);
// The old host is to forget the server, and has forgotten it.
void apply_confirming(Instance& row, WallTime now);
void apply_confirmed(Instance& row, WallTime now);
// The new host is to forget it, and has forgotten it: the old one goes on.
void apply_reverting(Instance& row, WallTime now);
void apply_returning(Instance& row, WallTime now);
// A live migration is called off while its guest is still where it was.
void apply_move_aborted(Instance& row, WallTime now);
// It came to nothing: the second placement is over. ERROR where the guest may be left half way, as in Nova.
void apply_move_failed(Instance& row, std::string message, std::string details, WallTime now);
// Whatever is under way: only the current placement is left, or the old one of a move that is being reverted.
void drop_second_placement(Instance& row);

// Of an offloaded server: it has no host, and keeps its addresses.
void apply_offloaded(Instance& row, WallTime now);

// What the server counts for: while it moves, the larger of its two flavors. Nothing of one that is soft-deleted.
QuotaUsage quota_of(const Instance& row);
// Which flavor a placement of this server takes of its host.
const Flavor& flavor_of(const Instance& row, const Placement& placement);

}  // namespace kilonova::controller
