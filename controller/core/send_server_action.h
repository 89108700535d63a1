// An action on a guest, on its way to the host. Loop thread only.
#pragma once

#include <vector>

#include "controller/core/controller_world.h"
#include "domain/messages.h"

namespace kilonova::controller {

// To the process that carries the host of this placement of the server; to nobody where no host of that name is known. Of
// the number that the row has. `faults`: rules that may strike it there.
void send_server_action(ControllerWorld& world, const Instance& row, const Placement& placement,
                        ServerActionKind action, const TraceContext& trace, std::vector<InjectedFault> faults);

}  // namespace kilonova::controller
