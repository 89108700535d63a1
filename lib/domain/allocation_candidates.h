// Which providers have room for a request, by Placement's rules: AllocationCandidates.get_by_requests of one group and
// of providers that stand alone. Placement: placement/objects/allocation_candidate.py, research_context.py.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace kilonova::scheduler::nova {

struct Inventory {
  int64_t total = 0;
  int64_t reserved = 0;
  int64_t min_unit = 1;
  int64_t max_unit = 1;
  int64_t step_size = 1;  // at least 1
  double allocation_ratio = 1.0;
  int64_t used = 0;  // may be more than there is
};

struct ResourceProvider {
  std::string name;
  std::map<std::string, Inventory, std::less<>> inventories;  // by resource class
  std::set<std::string, std::less<>> traits;
  std::set<int64_t> aggregates;
};

struct ResourceRequest {
  std::map<std::string, int64_t, std::less<>> resources;
  std::vector<std::vector<std::string>> required;  // one of each
  std::vector<std::string> forbidden;
  std::vector<std::vector<int64_t>> member_of;  // one of each
  std::vector<int64_t> forbidden_aggregates;
};

// Places in the list, ascending.
std::vector<uint32_t> allocation_candidates(std::span<const ResourceProvider> providers,
                                            const ResourceRequest& request);

}  // namespace kilonova::scheduler::nova
