// Which providers have room for a request, by Placement's rules: AllocationCandidates.get_by_requests of one group and
// of providers that stand alone. Placement: placement/objects/allocation_candidate.py, research_context.py. Of groups
// and trees: granular_candidates.h.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace kilonova {

struct Inventory {
  int64_t total = 0;
  int64_t reserved = 0;
  int64_t min_unit = 1;
  int64_t max_unit = 1;
  int64_t step_size = 1;  // at least 1
  double allocation_ratio = 1.0;
  int64_t used = 0;  // may be more than there is

  bool operator==(const Inventory&) const = default;
};

using Inventories = std::map<std::string, Inventory, std::less<>>;  // by resource class
using Amounts = std::map<std::string, int64_t, std::less<>>;        // likewise

struct ResourceProvider {
  std::string name;
  Inventories inventories;
  std::set<std::string, std::less<>> traits;
  std::set<int64_t> aggregates;
};

struct ResourceRequest {
  Amounts resources;
  std::vector<std::vector<std::string>> required;  // one of each
  std::vector<std::string> forbidden;
  std::vector<std::vector<int64_t>> member_of;  // one of each
  std::vector<int64_t> forbidden_aggregates;
};

// (total - reserved) * allocation_ratio without its fraction: what Placement shows.
int64_t capacity_of(const Inventory& inventory);
// The amount fits beside what is used, and is one that is given.
bool has_room(const Inventory& inventory, int64_t amount);
// There is such an inventory, and it has room.
bool has_room(const ResourceProvider& provider, const std::string& resource_class, int64_t amount);
// One of each.
bool has_traits(const ResourceProvider& provider, const std::vector<std::vector<std::string>>& required);
bool is_member_of(const ResourceProvider& provider, const std::vector<std::vector<int64_t>>& member_of);
bool has_one_of(const ResourceProvider& provider, const std::vector<std::string>& traits);
bool is_in_one_of(const ResourceProvider& provider, const std::vector<int64_t>& aggregates);
// All that is asked, from this one provider.
bool is_candidate(const ResourceProvider& provider, const ResourceRequest& request);

// Places in the list, ascending.
std::vector<uint32_t> allocation_candidates(std::span<const ResourceProvider> providers,
                                            const ResourceRequest& request);

}  // namespace kilonova
