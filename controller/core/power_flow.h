// Stop, start and reboot: operations within an epoch (nova/compute/api.py stop, start, reboot). Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/messages.h"

namespace kilonova::controller {

class PowerFlow {
 public:
  explicit PowerFlow(ControllerWorld& world) : world_(world) {}

  // Answered once the task state is committed (Nova: 202). kConflict when the state forbids it.
  Task<Expected<ApiResponse>> apply(Uuid instance, ServerAction::Action action, TraceContext trace);
  Task<> on_done(Peer from, PowerActionDone done);
  // A host says that the guest of this placement is off. A server that should run is stopped, as by its user: Nova's
  // sync_power_state (nova/compute/manager.py, _sync_instance_power_state).
  Task<> on_guest_off(PlacementId placement);
  // Whether on_guest_off would do something.
  bool should_run(const PlacementId& placement) const;
  // The process that carries these hosts connected again or has been silent: tells it again.
  void resend();
  // Regularly: tells again whoever has not answered for report_interval.
  void resend_unanswered();

 private:
  // Commits the action and tells the host; the caller holds the server's lock.
  Task<Expected<ApiResponse>> begin(Instance next, ServerAction::Action action, TraceContext trace);
  void tell(const Instance& row, TraceContext trace);

  ControllerWorld& world_;
  Instant resent_;
};

}  // namespace kilonova::controller
