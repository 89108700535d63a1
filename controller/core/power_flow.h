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
  // The process that carries these hosts connected again or has been silent: tells it again.
  void resend();
  // Regularly: tells again whoever has not answered for report_interval.
  void resend_unanswered();

 private:
  void tell(const Instance& row, TraceContext trace);

  ControllerWorld& world_;
  Instant resent_;
};

}  // namespace kilonova::controller
