// Rebuild: new disks of an image, on the host where the server is: nova/compute/api.py rebuild. The row has the new image
// from the beginning, and the stages are those of any action (host_action_flow.h). Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "controller/core/host_action_flow.h"
#include "domain/nouns/server_request.h"
#include "domain/operation.h"

namespace kilonova::controller {

class RebuildFlow {
 public:
  RebuildFlow(ControllerWorld& world, HostActionFlow& actions) : world_(world), actions_(actions) {}

  // kConflict when the state or a lock forbids it; kInvalidArgument for an image or a key pair that is not there, or an
  // image that needs more than the flavor has. Nothing is changed then.
  Task<Expected<ServerList>> handle(RebuildServer request, RequestContext context);

 private:
  ControllerWorld& world_;
  HostActionFlow& actions_;
};

}  // namespace kilonova::controller
