// ComputeCore: nova-compute for any number of simulated hosts: the decisions about every message that reaches a compute
// process. What takes time is in the flows it spawns: build_and_run_instance (instance_build.h), remove_instance
// (instance_removal.h), apply_server_action (host_actions.h), the reporting to the controller (registration.h).
//
// Owned by main() or by a simulation; loop thread only. Destroying it ends every flow; the guests stay in the journal.
// Nothing that a peer sends is trusted to make sense: unknown hosts, old epochs and repeats are answered or ignored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "compute-node/core/beliefs.h"
#include "compute-node/core/compute_state.h"
#include "compute-node/core/options.h"
#include "compute-node/core/registration.h"
#include "domain/beliefs.h"
#include "domain/messages.h"
#include "domain/nouns/server_request.h"
#include "domain/nouns/host.h"
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

// Of these what is known without a walk: for metrics.
struct ComputeSizes {
  size_t servers = 0;     // of which a host has a guest, or that it works on
  size_t unfinished = 0;  // placements being built, or whose terminal report is not answered
  size_t unconfirmed_releases = 0;
  size_t image_downloads = 0;
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

  // One host loses its power while the process, and its other hosts, live on: what it was doing is forgotten, its guests
  // are off, and heartbeats name it down. (The journal is the caller's to change: a power cut asks no disk.) False for a
  // host that is not carried here. Not from a flow of this core.
  bool crash_host(std::string_view name);
  // It boots: builds that it never finished are destroyed and reported lost, its guests are told to the controller. They
  // stay off, as with Nova's resume_guests_state_on_host_boot = False.
  bool start_host(std::string_view name);

  // The controller knows every host of this process.
  bool registered() const { return registration_.answered(); }
  // Walks all hosts and guests.
  ComputeCounters counters() const;
  ComputeSizes sizes() const {
    return {state_.table.entries().size(), state_.table.unfinished().size(), state_.releases.size(),
            state_.images.downloads()};
  }
  std::vector<GuestInfo> guests() const;
  // Nothing for a host that this process does not carry.
  std::optional<HostUsage> usage(std::string_view host) const;
  // One page of what this process and its hypervisors' journal believe.
  Expected<BeliefPage> beliefs(const ReadBeliefs& request) const { return describe_beliefs(state_, request); }

 private:
  void adopt_guest(const GuestRecord& record);
  // Of a guest whose build never finished, after a start of the process or its host.
  void remove_lost_build_of(InstanceOnHost& entry);
  // The host's flows: they die with it.
  Scope& flows_of(uint32_t host);
  bool is_down(std::optional<uint32_t> host) const { return host && state_.hosts[*host].down; }

  void on(BuildAndRunInstance message);
  void on(const TerminateInstance& message);
  void on(const ReportAnswer& message);
  void on(CacheImages message);
  void on(ApplyServerAction message);
  Expected<ApiResponse> set_host_power(const SetHostPower& request);
  // kNotFound where no step of the server waits.
  Expected<ApiResponse> step_server(const StepServer& request);
  void on(const OwnershipAnswer& message);
  void answer_call(const Peer& from, uint64_t call_id, const ApiCall& call);

  void resend_report_of(InstanceOnHost& entry);
  // Ends what the host does for the server and forgets the unanswered report.
  void cancel_work(InstanceOnHost& entry);
  // The placement is stale or an orphan: guest, claim and addresses go.
  void discard(InstanceOnHost& entry, uint64_t epoch);
  void ignore(std::string_view why, std::string_view host, const PlacementId& placement);

  ComputeState state_;
  // After the state: its flows go first.
  Scope scope_;
  std::vector<std::unique_ptr<Scope>> host_flows_;  // by host; made for its first flow
  Registration registration_;
};

}  // namespace kilonova::compute
