// What the controller has counted, and how much of everything there is: for metrics.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "controller/core/launch_counts.h"
#include "domain/states.h"

namespace kilonova::controller {

// Each host is one of these.
struct HostCounts {
  size_t up = 0;
  size_t disabled = 0;  // and up
  size_t down = 0;
  size_t forced_down = 0;
  bool operator==(const HostCounts&) const = default;
};

struct ControllerCounts {
  // Since this controller began.
  LaunchCounts launches;
  uint64_t claim_conflicts = 0;
  std::map<std::string, uint64_t> strikes;  // by effect of the fault rule: "delay", "fail", "crash"
  // Now.
  std::map<VmState, size_t> servers;  // every state, those without a server too
  size_t servers_in_transition = 0;
  size_t under_way = 0;  // placements that are driven
  HostCounts hosts;
  uint64_t revision = 0;
};

}  // namespace kilonova::controller
