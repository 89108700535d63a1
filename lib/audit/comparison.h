// The beliefs of one look at a cloud with what is needed to find things in them, and the findings so far. Inside
// lib/audit only; each part of the comparison is in the file of its name.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "audit/findings.h"
#include "domain/beliefs.h"

namespace kilonova::audit {

// Points into the beliefs, which outlive it.
class Comparison {
 public:
  explicit Comparison(const Beliefs& beliefs);

  void compare_servers();     // rows, guests, allocations, leases
  void compare_computes();    // journals, claims, usage
  void compare_schedulers();  // views, debits
  void compare_quotas();

  Findings take_findings() { return std::move(findings_); }

 private:
  struct GuestOn {
    PeerId process;
    const GuestBelief* guest = nullptr;
  };

  void index_controller(const BeliefPage& beliefs);
  void index_compute(PeerId process, const BeliefPage& beliefs);
  void note_motion();

  // server_beliefs.cc
  void compare_row(const ServerBelief& row);
  void compare_guests(const ServerBelief& row);
  void compare_own_guest(const ServerBelief& row, const GuestBelief& guest);
  void compare_allocation(const ServerBelief& row);
  void compare_leases(const ServerBelief& row);
  void find_orphans();
  void find_shared_addresses();
  void find_addresses_of_two_rows();
  void find_server_twice(const Uuid& server, const std::vector<GuestOn>& guests);

  // compute_beliefs.cc
  void compare_journal(const DaemonBeliefs& compute);
  void compare_usage(const DaemonBeliefs& compute);

  // scheduler_beliefs.cc
  void compare_views(const DaemonBeliefs& scheduler);
  void compare_view(const std::string& scheduler, const ViewBelief* view, const UsageBelief& usage);
  void compare_statuses(const DaemonBeliefs& scheduler);
  void find_debits_left(const DaemonBeliefs& scheduler);

  const ServerBelief* row_of(const Uuid& server) const;
  bool at_rest(const Uuid& server) const { return !in_motion_.contains(server); }
  // The process that carries the host has told its beliefs, or there is none that could.
  bool can_judge_host(const std::string& host) const;
  // As the controller says; false for a host that it does not know.
  bool is_up(const std::string& host) const;
  void add(Kind kind, const Uuid& server, std::string host, std::string message);

  const Beliefs& beliefs_;
  Findings findings_;
  bool leases_told_ = false;
  std::set<PeerId> silent_;
  std::map<Uuid, const ServerBelief*> rows_;
  std::map<std::string, const HostBelief*> hosts_;
  std::map<PlacementId, const Allocation*> allocations_;
  std::map<Uuid, std::vector<const LeaseBelief*>> leases_;
  std::map<Uuid, std::vector<GuestOn>> guests_;
  std::set<Uuid> in_motion_;
};

// "server f81d4fae-... (web1)"
std::string name_of(const ServerBelief& row);
std::string name_of(const Uuid& server);
// "2 vcpus, 512 MiB, 1 GiB"
std::string text_of(const Resources& resources);
// "active/powering-off, epoch 2 on host-00001"
std::string state_of(const ServerBelief& row);
// A server that is there in this state has a guest, an allocation and addresses; one in ERROR has none of them.
bool needs_guest(const ServerBelief& row);
// The guest, allocation or lease of this epoch belongs to where the server is moving to.
bool is_of_next(const ServerBelief& row, uint64_t epoch);

}  // namespace kilonova::audit
