// What time alone brings about, as Nova's periodic tasks do (nova/compute/manager.py): resizes that nobody confirms,
// shelved servers that still take their host's room, deleted ones that nobody restores, builds that take too long. Each
// has its option, and does nothing by default. What passes is counted from when this life of the controller saw it
// first, on the loop's steady clock: a wall clock that jumps ends nothing early, and a restart makes it last longer
// (docs/protocol.md, "Elapsed time"). Loop thread only.
#pragma once

#include <compare>
#include <map>
#include <vector>

#include "controller/core/build_results.h"
#include "controller/core/controller_world.h"
#include "controller/core/host_action_flow.h"
#include "controller/core/move_requests.h"
#include "controller/core/terminate_flow.h"

namespace kilonova::controller {

class PeriodicTasks {
 public:
  PeriodicTasks(ControllerWorld& world, BuildResults& results, TerminateFlow& terminates, HostActionFlow& actions,
                MoveRequests& moves)
      : world_(world), results_(results), terminates_(terminates), actions_(actions), moves_(moves) {}

  // Often; looks at rows only every kPeriodicInterval.
  void look();

 private:
  // What lasts: a server in a state that it came to then, or its build.
  struct Lasting {
    Uuid server;
    WallTime since;  // only told from others
    auto operator<=>(const Lasting&) const = default;
  };
  using Seen = std::map<Lasting, Instant>;

  // Of rows with nothing under way that are in this state for so long.
  std::vector<Uuid> overdue(VmState state, Duration after, WallTime Instance::* since);
  std::vector<Uuid> late_builds();
  // Those that last for so long; those that last no more are forgotten.
  std::vector<Uuid> older_than(Duration after, const std::vector<Lasting>& now, Seen* seen) const;
  // In the name of its user, as nobody asked.
  static RequestContext context_of(const Instance& row);
  Task<> confirm(Uuid server);
  Task<> offload(Uuid server);

  ControllerWorld& world_;
  BuildResults& results_;
  TerminateFlow& terminates_;
  HostActionFlow& actions_;
  MoveRequests& moves_;
  Instant looked_;
  std::map<VmState, Seen> seen_;
  Seen builds_;
};

}  // namespace kilonova::controller
