// Images of servers: nova/compute/api.py snapshot and backup. The image's row is committed with the task; its host's
// work is that of any action (host_action_flow.h), which makes it active. Loop thread only.
#pragma once

#include <string_view>

#include "controller/core/controller_world.h"
#include "controller/core/host_action_flow.h"
#include "domain/nouns/image.h"
#include "domain/nouns/server_request.h"
#include "domain/operation.h"

namespace kilonova::controller {

class SnapshotFlow {
 public:
  SnapshotFlow(ControllerWorld& world, HostActionFlow& actions) : world_(world), actions_(actions) {}

  // kConflict when the state forbids it; a lock does not. kUnavailable, and nothing is there.
  Task<Expected<ImageList>> handle(CreateServerImage request, RequestContext context);
  Task<Expected<ImageList>> handle(CreateServerBackup request, RequestContext context);
  // Nova: nova/compute/api.py shelve; the image is `<name>-shelved`.
  Task<Expected<Empty>> shelve(std::string server, RequestContext context);

 private:
  Task<Expected<ImageList>> make(std::string server, const ServerActionInfo& action, Image image,
                                 RequestContext context);
  Task<Expected<ImageList>> make_of(HostActionFlow::Held held, const ServerActionInfo& action, Image image,
                                    RequestContext context);

  ControllerWorld& world_;
  HostActionFlow& actions_;
};

}  // namespace kilonova::controller
