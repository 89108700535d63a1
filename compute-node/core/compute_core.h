// ComputeCore: nova-compute for any number of simulated hosts: the decisions about every message that reaches a compute
// process. What takes time is in the flows it spawns: build_and_run_instance (instance_build.h), remove_instance
// (instance_removal.h), apply_power_action (power_action.h), the reporting to the controller (registration.h).
//
// Owned by main() or by a simulation; loop thread only. Destroying it ends every flow; the guests stay in the journal.
// Nothing that a peer sends is trusted to make sense: unknown hosts, old epochs and repeats are answered or ignored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "compute-node/core/compute_state.h"
#include "compute-node/core/options.h"
#include "compute-node/core/registration.h"
#include "domain/messages.h"
#include "ports/transport.h"
#include "runtime/scope.h"

namespace kilonova::compute {

// How much of everything there is: for `kilonova check`, metrics and tests.
struct ComputeCounters {
  size_t guests = 0;
  size_t building = 0;
  size_t unanswered_reports = 0;
  size_t unconfirmed_releases = 0;
  size_t image_downloads = 0;
  size_t instance_locks = 0;
  size_t network_calls = 0;
  size_t build_slots_taken = 0;
  size_t fences = 0;
  size_t claims = 0;
  Resources used;  // of all hosts
};

class ComputeCore final : public PeerHandler {
 public:
  // Host names must differ (hosts_file.h sees to that).
  ComputeCore(ComputePorts ports, ComputeOptions options, std::vector<HostInfo> hosts);

  // Once, before anything else: loads the journal, rebuilds the claims of its guests and destroys unfinished builds.
  // The journal's errors; then the core must not be used.
  Expected<> start();

  void on_peer_up(const Peer& peer) override;
  void on_peer_down(const Peer& peer) override;
  void on_message(const Peer& from, Message message) override;

  // The controller knows every host of this process.
  bool registered() const { return registration_.answered(); }
  // Walks all hosts and guests.
  ComputeCounters counters() const;
  std::vector<GuestInfo> guests() const;
  // Nothing for a host that this process does not carry.
  std::optional<HostUsage> usage(std::string_view host) const;

 private:
  void adopt_guest(const GuestRecord& record);

  void on(BuildAndRunInstance message);
  void on(const TerminateInstance& message);
  void on(const ReportAnswer& message);
  void on(ApplyPowerAction message);
  void on(const OwnershipAnswer& message);

  void resend_report_of(InstanceOnHost& entry);
  // Ends what the host does for the server and forgets the unanswered report.
  void cancel_work(InstanceOnHost& entry);
  // The placement is stale or an orphan: guest, claim and addresses go.
  void discard(InstanceOnHost& entry, uint64_t epoch);
  void ignore(std::string_view why, std::string_view host, const PlacementId& placement);

  ComputeState state_;
  Scope scope_;  // after the state: its flows go first
  Registration registration_;
};

}  // namespace kilonova::compute
