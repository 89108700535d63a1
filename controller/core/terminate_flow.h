// Delete, in every state: the row says deleting with a new epoch, the hosts of its placements and the
// network-controller are told until all confirm, and only then is the row gone. Loop thread only.
#pragma once

#include <set>
#include <string>

#include "controller/core/controller_world.h"
#include "controller/core/host_action_flow.h"
#include "controller/core/host_registry.h"
#include "controller/core/move_stages.h"
#include "controller/core/terminations.h"
#include "domain/messages.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"

namespace kilonova::controller {

class TerminateFlow {
 public:
  TerminateFlow(ControllerWorld& world, HostRegistry& hosts, HostActionFlow& actions, MoveStages& stages,
                Terminations& terminations)
      : world_(world), hosts_(hosts), actions_(actions), stages_(stages), terminations_(terminations) {}

  // Answered once `deleting` is committed. A server that is being deleted already is answered the same (Nova: 204).
  // With reclaim_instance_interval it is only stopped, and can be restored for so long.
  Task<Expected<Empty>> handle(DeleteServer request, RequestContext context);
  // That time is over.
  Task<> reclaim(Uuid instance);

  Task<> on_terminated(InstanceTerminated message);
  Task<> on_released(AddressesReleased message);

  // Tells again whoever has not confirmed for report_interval; a host that is down is not waited for.
  void resend_unconfirmed();
  // Takes up a delete that a restart interrupted.
  void resume(const Uuid& instance);
  // The network-controller or a compute process (re)connected: tells it again at once.
  void resend_all();

 private:
  Task<Expected<Empty>> delete_server(Uuid instance, RequestContext by);
  // True when the server can be kept for a while.
  bool is_kept(const Instance& row) const;
  // To its hosts, and to the network-controller while that has not confirmed it.
  void send_delete(const Instance& row);
  // Ends a delete whose last hosts are down.
  Task<> finish_without(Uuid instance, std::set<std::string> hosts);
  // These hosts have nothing of the server any more, and with `network` the network-controller has not either.
  Task<> confirmed(PlacementId placement, std::set<std::string> hosts, bool network);

  ControllerWorld& world_;
  HostRegistry& hosts_;
  HostActionFlow& actions_;
  MoveStages& stages_;
  Terminations& terminations_;
};

}  // namespace kilonova::controller
