#include "controller/core/send_server_action.h"

#include <utility>

#include "domain/nouns/host.h"

namespace kilonova::controller {

void send_server_action(ControllerWorld& world, const Instance& row, const Placement& placement,
                        ServerActionKind action, const TraceContext& trace, std::vector<InjectedFault> faults) {
  auto host = world.records.of<Host>().find(placement.host);
  if (host == world.records.of<Host>().end()) return;
  ApplyServerAction message{placement.host,   {row.uuid, placement.epoch}, row.operation, action, trace, row.spec.image,
                            std::move(faults)};
  world.transport.send(host->second.process, Message{0, std::move(message)});
}

}  // namespace kilonova::controller
