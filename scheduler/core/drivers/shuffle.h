// take_at_random: a uniform choice without repetition, drawn from the injected generator only.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "base/random.h"
#include "scheduler/core/host_state.h"

namespace kilonova::scheduler {

// At most `wanted` of the hosts: the first steps of a Fisher-Yates shuffle.
inline std::vector<HostIndex> take_at_random(std::vector<HostIndex> hosts, size_t wanted, Random& random) {
  size_t taken = std::min(wanted, hosts.size());
  for (size_t i = 0; i < taken; ++i) std::swap(hosts[i], hosts[i + random.below(hosts.size() - i)]);
  hosts.resize(taken);
  return hosts;
}

}  // namespace kilonova::scheduler
