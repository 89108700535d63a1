// DecisionHistory: the latest decisions, with what was asked and which changes of hosts were known: enough to work out again what was made of
// every host. Owned by the SchedulerCore, loop thread only; lost with the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "domain/instance.h"
#include "domain/request_spec.h"
#include "scheduler/core/scheduling_request.h"

namespace kilonova::scheduler {

inline constexpr size_t kDecisionsKept = 4'096;

// What the servers of one cast have in common.
struct AskedFor {
  RequestSpec spec;
  std::string requested_host;
  std::vector<std::string> excluded_hosts;
};

struct PastDecision {
  PlacementId placement;
  uint64_t change = 0;  // the last one of the hosts before it: HostManager::as_of
  std::shared_ptr<const AskedFor> asked;
  std::vector<PeerId> unreachable;
  Neighbours neighbours;
};

class DecisionHistory {
 public:
  void note(PastDecision decision) {
    decisions_.push_back(std::move(decision));
    if (decisions_.size() > kDecisionsKept) decisions_.pop_front();
  }
  // The last one of this placement; null when there is none any more.
  const PastDecision* find(const PlacementId& placement) const {
    for (const PastDecision& decision : decisions_ | std::views::reverse)
      if (decision.placement == placement) return &decision;
    return nullptr;
  }

 private:
  std::deque<PastDecision> decisions_;
};

}  // namespace kilonova::scheduler
