// An administrator says in which state a server is: nova/api/openstack/compute/admin_actions.py os-resetState. Loop thread
// only.
#pragma once

#include "controller/core/controller_world.h"
#include "controller/core/host_action_flow.h"
#include "domain/nouns/server_request.h"
#include "domain/operation.h"

namespace kilonova::controller {

class ResetFlow {
 public:
  ResetFlow(ControllerWorld& world, HostActionFlow& actions) : world_(world), actions_(actions) {}

  // Whatever is under way is given up: what a host says of it later is about an operation, or an epoch, that is over. A
  // server that is being built loses its host; one that has a guest keeps it. kNotFound, also for one that is being
  // deleted; kUnavailable, and nothing changed.
  Task<Expected<Empty>> handle(ResetServerState request, RequestContext context);

 private:
  ControllerWorld& world_;
  HostActionFlow& actions_;
};

}  // namespace kilonova::controller
