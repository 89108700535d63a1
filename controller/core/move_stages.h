// What drives a move on once it has begun: the hosts of its two placements are told what to do in each stage, until they
// have done it. docs/protocol.md, "Moves". Loop thread only.
#pragma once

#include <functional>

#include "controller/core/controller_world.h"
#include "controller/core/launch_flow.h"
#include "controller/core/move_changes.h"
#include "controller/core/terminations.h"
#include "domain/messages.h"

namespace kilonova::controller {

class MoveStages {
 public:
  MoveStages(ControllerWorld& world, LaunchFlow& launches, Terminations& terminations)
      : world_(world), launches_(launches), terminations_(terminations) {}

  // The caller holds the server's lock, and knows that the move may begin. Committed, and cast to a scheduler.
  // kUnavailable, and nothing changed.
  Task<Expected<Empty>> begin(Instance next, Move move, const ServerActionInfo& action, RequestContext context);
  // A row that the changes have made is committed, and what is to be done next is sent. False: the store refused.
  Task<bool> commit(Instance next, MoveChanges changes, Transaction more = {});

  // Whether a host has something to do in this stage.
  static bool is_told(const Instance& row);
  // Whether it is work of this placement on this host, of whichever number; or that it could not be destroyed there.
  static bool awaits(const Instance& row, const ServerActionDone& done);
  // Tells it, if so.
  void send(const Instance& row);
  // The caller holds the server's lock, which moves. Nothing happens for a stage that is over.
  Task<> on_done(ServerActionDone done);
  // A host has forgotten a placement. True when this was what the server waited for.
  Task<bool> on_terminated(const InstanceTerminated& message);

 private:
  ControllerWorld& world_;
  LaunchFlow& launches_;
  Terminations& terminations_;
};

}  // namespace kilonova::controller
