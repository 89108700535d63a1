// Whose a ServerAction is: most are the host's alone, some begin an image or are of a move. Loop thread only.
#pragma once

#include "controller/core/host_action_flow.h"
#include "controller/core/move_requests.h"
#include "controller/core/snapshot_flow.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"

namespace kilonova::controller {

class ActionRouter {
 public:
  ActionRouter(HostActionFlow& actions, SnapshotFlow& snapshots, MoveRequests& moves)
      : actions_(actions), snapshots_(snapshots), moves_(moves) {}

  // Answered once the task state is committed (Nova: 202). kConflict when the state forbids it.
  Task<Expected<Empty>> handle(ServerAction request, RequestContext context);

 private:
  HostActionFlow& actions_;
  SnapshotFlow& snapshots_;
  MoveRequests& moves_;
};

}  // namespace kilonova::controller
