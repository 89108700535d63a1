// Placement's GET /allocation_candidates as a whole: request groups over trees of providers, some of which share what
// they have with other trees by a common aggregate (placement/objects/allocation_candidate.py, research_context.py).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/allocation_candidates.h"

namespace kilonova {

// A provider whose parent is `kNoParent` is a root, and the root of itself. Places are those in a ProviderForest.
inline constexpr uint32_t kNoParent = UINT32_MAX;
struct TreeProvider : ResourceProvider {
  uint32_t parent = kNoParent;
  uint32_t root = 0;
};
// Not owned. Parents and roots are in it, and there are no circles.
using ProviderForest = std::vector<const TreeProvider*>;

// A provider with it lends what it has to every tree that has a provider in one of its aggregates.
inline constexpr std::string_view kSharesTrait = "MISC_SHARES_VIA_AGGREGATE";

struct RequestGroup {
  // "": what it asks may come from several providers of one tree, and from those that share with it. Of any other one
  // all comes from one provider.
  std::string suffix;
  ResourceRequest request;
  std::optional<uint32_t> tree;  // the root of the tree that all of it is to come from
};

struct CandidatesRequest {
  std::vector<RequestGroup> groups;
  bool isolates = false;                            // groups with suffix are on different providers
  std::vector<std::set<std::string>> same_subtree;  // suffixes of groups below one of their providers
  std::vector<std::string> root_required;           // all
  std::vector<std::string> root_forbidden;
  size_t limit = SIZE_MAX;
  bool knows_trees = true;  // false (before 1.29): no two providers of a tree together
};

struct AllocationCandidate {
  std::map<uint32_t, Amounts> allocations;             // by provider
  std::map<std::string, std::set<uint32_t>> mappings;  // the providers of each group, by suffix
  bool operator==(const AllocationCandidate&) const = default;
};

struct AllocationCandidates {
  std::vector<AllocationCandidate> candidates;  // each once
  std::set<uint32_t> shown;                     // the providers whose summaries go with them
  bool is_cut = false;                          // there were more combinations than are looked at
};

// How many combinations of several providers or groups are looked at, of one request: more than any real one has, and
// done in a moment.
inline constexpr size_t kMaxCombinations = 50'000;

AllocationCandidates granular_candidates(const ProviderForest& forest, const CandidatesRequest& request);

}  // namespace kilonova
