// Which branches of trouble (branches.h) must be reached behind which kind of fault: that a branch is reached by something
// proves little where several faults lead to it, and the one that it is there for may be none of them. That each kind strikes
// each step of a launch, strikes.h says.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kilonova::sim {

struct RequiredPair {
  std::string_view fault;  // a kind of strikes.cc
  std::string_view branch;
  std::string_view why;  // this fault is what the branch is for
};

// Of branches, in how many seeds each was reached behind each kind of fault.
using ReachedBehind = std::map<std::string, std::map<std::string, uint64_t>>;

// Those that 10,000 seeds of `swarm` meet.
const std::vector<RequiredPair>& required_pairs();
// Those that were never met.
std::vector<RequiredPair> find_unmet(const std::vector<RequiredPair>& pairs, const ReachedBehind& reached);

}  // namespace kilonova::sim
