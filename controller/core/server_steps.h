// Steps by hand (--timing manual): lets the host of a server do the next step of its launch or action. Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/server_request.h"

namespace kilonova::controller {

class ServerSteps {
 public:
  explicit ServerSteps(ControllerWorld& world) : world_(world) {}

  // Waits a while for the server to come to its next step. kConflict where nothing is under way, or nothing waits.
  Task<Expected<ServerStep>> handle(StepServer request, RequestContext context);

 private:
  ControllerWorld& world_;
};

}  // namespace kilonova::controller
