// Registration: how the controller hears of this process's hosts, and goes on hearing of them: RegisterHosts to each of
// its incarnations, and again of those that were refused, heartbeats, unanswered reports again, and the audit of the
// guests it should know.
// Owned by ComputeCore; loop thread only.
#pragma once

#include <functional>

#include "compute-node/core/compute_state.h"
#include "domain/messages.h"
#include "runtime/scope.h"
#include "runtime/task.h"

namespace kilonova::compute {

class Registration {
 public:
  Registration(ComputeState& state, Scope& scope) : state_(state), scope_(scope) {}
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  void start();
  void on_controller_up(const Peer& controller);
  void on_controller_down() { connected_ = false; }
  void on_answer(const RegisterHostsAnswer& answer);
  void on_deleted(const HostsDeleted& message);
  // A host came back: all of it is said again, at once.
  void again();
  // A host lost its power: the next heartbeat would say it, an interval later.
  void tell_now() {
    if (connected_ && registered_) send_heartbeat();
  }
  // The controller has answered for every host; of those that it refused it may be asked again.
  bool answered() const { return registered_ && (is_again_ || all_parts_answered()); }

 private:
  bool all_parts_answered() const { return parts_answered_ >= parts_sent_; }
  Task<void> keep_reporting();
  Task<void> keep_auditing();
  void report_now();
  // False when the transport refused a part: all of it must be sent again. `which`: of the hosts.
  bool register_hosts(const std::function<bool(const ComputeHost&)>& which);
  // Another process may have given them up since: hosts are divided anew when a cloud begins with other processes.
  void try_refused_again();
  void send_heartbeat();
  bool is_settled_guest(const InstanceOnHost& entry) const;
  GuestInfo guest_info(const InstanceOnHost& entry) const;
  void send_ownership_queries();

  ComputeState& state_;
  Scope& scope_;
  Incarnation controller_ = 0;  // as last heard
  bool connected_ = false;
  bool registered_ = false;  // with that incarnation
  bool is_again_ = false;    // what was registered last are only hosts that had been refused
  size_t parts_sent_ = 0;
  size_t parts_answered_ = 0;
  Instant registered_at_;
  FlowId reporting_ = 0;
};

}  // namespace kilonova::compute
