// StudyHosts: the compute process of a study. It carries all hosts; claims and what it tells the schedulers are the
// daemon's own (ResourceTracker, UsagePublisher), and a build takes no time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/hash_map.h"
#include "compute-node/core/resource_tracker.h"
#include "compute-node/core/usage_publisher.h"
#include "domain/messages.h"
#include "ports/transport.h"
#include "runtime/loop.h"
#include "sim/study/fleet_measures.h"
#include "sim/study/workload.h"

namespace kilonova::study {

class StudyHosts final : public PeerHandler {
 public:
  // The workload must outlive it.
  StudyHosts(Loop& loop, Transport& transport, const Workload& workload, const AllocationRatios& ratios);
  StudyHosts(const StudyHosts&) = delete;
  StudyHosts& operator=(const StudyHosts&) = delete;

  void on_peer_up(const Peer& peer) override;
  void on_peer_down(const Peer&) override {}
  void on_message(const Peer& from, Message message) override;

  FleetReading read() { return measures_.read(); }
  uint64_t servers() const { return servers_; }
  uint64_t refused_claims() const { return refused_claims_; }
  // "no host has enough free memory"; "no host has enough of everything at once" where each alone is to be had.
  std::string why_no_room(const Resources& amount, bool has_gpus) const;

 private:
  void build(const Peer& scheduler, BuildAndRunInstance run);
  void terminate(const TerminateInstance& request);
  void measure(uint32_t host);

  Transport& transport_;
  const Workload& workload_;
  AllocationRatios ratios_;
  HashMap<std::string, uint32_t> by_name_;
  compute::UsagePublisher publisher_;
  compute::ResourceTracker tracker_;  // before the claims, which must not outlive it
  struct Guest {
    uint32_t host = 0;
    compute::Claim claim;
  };
  HashMap<Uuid, Guest> guests_;
  FleetMeasures measures_;
  uint64_t servers_ = 0;
  uint64_t refused_claims_ = 0;
};

}  // namespace kilonova::study
