// Delete, in every state: the row says deleting with the next epoch, host and network-controller are told until both
// confirm, and only then is the row gone. Loop thread only.
#pragma once

#include <string>

#include "controller/core/controller_world.h"
#include "controller/core/host_registry.h"
#include "domain/messages.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"

namespace kilonova::controller {

class TerminateFlow {
 public:
  TerminateFlow(ControllerWorld& world, HostRegistry& hosts) : world_(world), hosts_(hosts) {}

  // Answered once `deleting` is committed. A server that is being deleted already is answered the same (Nova: 204).
  Task<Expected<Empty>> handle(DeleteServer request, RequestContext context);

  Task<> on_terminated(InstanceTerminated message);
  Task<> on_released(AddressesReleased message);

  // Tells again whoever has not confirmed for report_interval; a host that is down is not waited for.
  void resend_unconfirmed();
  // Takes up a delete that a restart interrupted.
  void resume(const Uuid& instance);
  // The network-controller or a compute process (re)connected: tells it again at once.
  void resend_all();

 private:
  Task<Expected<Empty>> delete_server(Uuid instance);
  void tell(const Instance& row);
  Task<> finish_without_host(Uuid instance);
  Task<> confirmed(PlacementId placement, bool host, std::string from_host);

  ControllerWorld& world_;
  HostRegistry& hosts_;
};

}  // namespace kilonova::controller
