#include "domain/granular_candidates.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace kilonova {
namespace {

struct Taken {
  uint32_t provider;
  std::string_view resource_class;
  int64_t amount;
};

// One way to meet one group, in a tree that is named by its root: the anchor.
struct Solution {
  uint32_t anchor;
  std::vector<Taken> taken;
  std::set<uint32_t> providers;
};

// Odometer over a product of lists: positions of one choice, the last one fastest. False when it has gone round.
bool next_choice(std::vector<size_t>& at, const std::vector<size_t>& sizes) {
  for (size_t i = at.size(); i-- > 0;) {
    if (++at[i] < sizes[i]) return true;
    at[i] = 0;
  }
  return false;
}

bool is_product(const std::vector<size_t>& sizes) {
  return std::ranges::any_of(sizes, [](size_t size) { return size > 1; });
}

class Search {
 public:
  Search(const ProviderForest& forest, const CandidatesRequest& request);
  AllocationCandidates run();

 private:
  using Pairs = std::set<std::pair<uint32_t, uint32_t>>;  // anchor, provider

  std::vector<Solution> solve(const RequestGroup& group);
  std::vector<Solution> from_one_provider(const RequestGroup& group);
  std::vector<Solution> from_trees(const RequestGroup& group);
  // The providers that have room for one class, with the trees that they have it for.
  Pairs with_room(const RequestGroup& group, const std::string& resource_class, int64_t amount) const;
  void combine_in_tree(const RequestGroup& group, uint32_t anchor, const std::vector<std::vector<uint32_t>>& choices,
                       std::vector<Solution>& solutions);
  void merge(const std::vector<std::vector<const Solution*>>& groups, std::vector<AllocationCandidate>& merged);
  bool is_allowed(const std::vector<const Solution*>& chosen) const;
  bool is_in_one_subtree(const std::set<uint32_t>& providers) const;
  bool fits_together(const AllocationCandidate& candidate) const;
  bool spans_no_tree(const AllocationCandidate& candidate) const;
  // The roots of all trees that a sharing provider lends to; its own is among them when it is in an aggregate.
  std::set<uint32_t> anchors_of(uint32_t provider) const;
  bool is_good_anchor(uint32_t root) const;
  bool spend() { return ++looked_at_ <= kMaxCombinations; }

  const TreeProvider& at(uint32_t provider) const { return *forest_[provider]; }

  const ProviderForest& forest_;
  const CandidatesRequest& request_;
  std::set<uint32_t> sharing_;
  std::map<int64_t, std::set<uint32_t>> roots_in_;  // by aggregate, of the sharing providers' ones
  bool has_trees_ = false;
  size_t looked_at_ = 0;
};

Search::Search(const ProviderForest& forest, const CandidatesRequest& request) : forest_(forest), request_(request) {
  for (uint32_t i = 0; i < forest_.size(); ++i) {
    if (at(i).traits.contains(kSharesTrait)) {
      sharing_.insert(i);
      for (int64_t aggregate : at(i).aggregates) roots_in_[aggregate];
    }
    has_trees_ = has_trees_ || at(i).parent != kNoParent;
  }
  if (roots_in_.empty()) return;
  for (const TreeProvider* provider : forest_)
    for (int64_t aggregate : provider->aggregates)
      if (auto shared = roots_in_.find(aggregate); shared != roots_in_.end()) shared->second.insert(provider->root);
}

std::set<uint32_t> Search::anchors_of(uint32_t provider) const {
  std::set<uint32_t> anchors;
  for (int64_t aggregate : at(provider).aggregates)
    if (auto roots = roots_in_.find(aggregate); roots != roots_in_.end())
      anchors.insert(roots->second.begin(), roots->second.end());
  return anchors;
}

bool Search::is_good_anchor(uint32_t root) const {
  return std::ranges::all_of(request_.root_required,
                             [&](const std::string& trait) { return at(root).traits.contains(trait); }) &&
         !has_one_of(at(root), request_.root_forbidden);
}

std::vector<Solution> Search::solve(const RequestGroup& group) {
  bool spreads = group.suffix.empty() && (!sharing_.empty() || has_trees_);
  return spreads ? from_trees(group) : from_one_provider(group);
}

std::vector<Solution> Search::from_one_provider(const RequestGroup& group) {
  std::vector<Solution> solutions;
  const ResourceRequest& wanted = group.request;
  // Placement finds nobody for a group that neither takes nor requires anything.
  if (wanted.resources.empty() && wanted.required.empty() && wanted.member_of.empty()) return solutions;
  // Each is its own tree, and nothing else can leave one out: those behind the limit would be cut off.
  const bool is_final = request_.groups.size() == 1 && !has_trees_ && sharing_.empty();
  for (uint32_t i = 0; i < forest_.size(); ++i) {
    if (is_final && solutions.size() == request_.limit) break;
    if (group.tree && !wanted.resources.empty() && at(i).root != *group.tree) continue;
    if (!is_candidate(at(i), wanted)) continue;
    std::set<uint32_t> anchors{at(i).root};
    if (sharing_.contains(i)) anchors.merge(anchors_of(i));
    Solution solution{at(i).root, {}, {i}};
    for (const auto& [resource_class, amount] : wanted.resources) solution.taken.push_back({i, resource_class, amount});
    for (uint32_t anchor : anchors) {
      if (!is_good_anchor(anchor)) continue;
      solution.anchor = anchor;
      solutions.push_back(solution);
    }
  }
  return solutions;
}

Search::Pairs Search::with_room(const RequestGroup& group, const std::string& resource_class, int64_t amount) const {
  const ResourceRequest& wanted = group.request;
  Pairs pairs;
  for (uint32_t i = 0; i < forest_.size(); ++i) {
    if (group.tree && at(i).root != *group.tree) continue;
    if (!has_room(at(i), resource_class, amount)) continue;
    pairs.emplace(at(i).root, i);
    bool lends = !group.tree && sharing_.contains(i) && is_member_of(at(i), wanted.member_of);
    if (!lends) continue;
    for (uint32_t anchor : anchors_of(i)) pairs.emplace(anchor, i);
  }
  // An aggregate of the root is one of the whole tree.
  std::erase_if(pairs, [&](const auto& pair) {
    const auto& [anchor, provider] = pair;
    bool is_member = is_member_of(at(provider), wanted.member_of) || is_member_of(at(anchor), wanted.member_of);
    bool is_forbidden = is_in_one_of(at(provider), wanted.forbidden_aggregates) ||
                        is_in_one_of(at(anchor), wanted.forbidden_aggregates);
    return !is_member || is_forbidden || !is_good_anchor(anchor);
  });
  return pairs;
}

std::vector<Solution> Search::from_trees(const RequestGroup& group) {
  std::map<uint32_t, std::vector<std::vector<uint32_t>>> choices;  // by anchor, for each class
  size_t classes = 0;
  for (const auto& [resource_class, amount] : group.request.resources) {
    for (const auto& [anchor, provider] : with_room(group, resource_class, amount)) {
      auto& of_tree = choices[anchor];
      of_tree.resize(classes + 1);
      of_tree.back().push_back(provider);
    }
    ++classes;
  }
  std::vector<Solution> solutions;
  for (const auto& [anchor, of_tree] : choices) {
    bool has_all = of_tree.size() == classes && std::ranges::none_of(of_tree, [](const auto& c) { return c.empty(); });
    if (has_all) combine_in_tree(group, anchor, of_tree, solutions);
  }
  return solutions;
}

void Search::combine_in_tree(const RequestGroup& group, uint32_t anchor,
                             const std::vector<std::vector<uint32_t>>& choices, std::vector<Solution>& solutions) {
  std::vector<size_t> position(choices.size(), 0), sizes;
  for (const auto& of_class : choices) sizes.push_back(of_class.size());
  do {
    if (is_product(sizes) && !spend()) return;
    Solution solution{anchor, {}, {}};
    ResourceProvider together;  // required traits are met by all that take part
    bool is_forbidden = false;
    size_t i = 0;
    for (const auto& [resource_class, amount] : group.request.resources) {
      uint32_t provider = choices[i][position[i]];
      ++i;
      solution.taken.push_back({provider, resource_class, amount});
      if (!solution.providers.insert(provider).second) continue;
      is_forbidden = is_forbidden || has_one_of(at(provider), group.request.forbidden);
      if (!group.request.required.empty())
        together.traits.insert(at(provider).traits.begin(), at(provider).traits.end());
    }
    if (!is_forbidden && has_traits(together, group.request.required)) solutions.push_back(std::move(solution));
  } while (next_choice(position, sizes));
}

bool Search::is_in_one_subtree(const std::set<uint32_t>& providers) const {
  if (providers.size() <= 1) return true;
  return std::ranges::any_of(providers, [&](uint32_t top) {
    return std::ranges::all_of(providers, [&](uint32_t below) {
      while (below != top && below != kNoParent) below = at(below).parent;
      return below == top;
    });
  });
}

// Whether these solutions, one for each group, go together.
bool Search::is_allowed(const std::vector<const Solution*>& chosen) const {
  if (request_.isolates) {
    std::set<uint32_t> providers;
    for (size_t i = 0; i < chosen.size(); ++i)
      if (!request_.groups[i].suffix.empty() && !providers.insert(*chosen[i]->providers.begin()).second) return false;
  }
  return std::ranges::all_of(request_.same_subtree, [&](const std::set<std::string>& suffixes) {
    std::set<uint32_t> providers;
    for (size_t i = 0; i < chosen.size(); ++i)
      if (suffixes.contains(request_.groups[i].suffix))
        providers.insert(chosen[i]->providers.begin(), chosen[i]->providers.end());
    return is_in_one_subtree(providers);
  });
}

bool Search::fits_together(const AllocationCandidate& candidate) const {
  for (const auto& [provider, amounts] : candidate.allocations) {
    for (const auto& [resource_class, amount] : amounts) {
      const Inventory& inventory = at(provider).inventories.find(resource_class)->second;
      if (amount > inventory.max_unit || inventory.used + amount > capacity_of(inventory)) return false;
    }
  }
  return true;
}

bool Search::spans_no_tree(const AllocationCandidate& candidate) const {
  std::set<uint32_t> roots;
  for (uint32_t provider : candidate.allocations | std::views::keys)
    if (!roots.insert(at(provider).root).second) return false;
  return true;
}

// `groups`: of one anchor, the solutions of each group.
void Search::merge(const std::vector<std::vector<const Solution*>>& groups, std::vector<AllocationCandidate>& merged) {
  std::vector<size_t> position(groups.size(), 0), sizes;
  for (const auto& of_group : groups) sizes.push_back(of_group.size());
  std::vector<const Solution*> chosen(groups.size());
  do {
    if (is_product(sizes) && !spend()) return;
    for (size_t i = 0; i < groups.size(); ++i) chosen[i] = groups[i][position[i]];
    if (!is_allowed(chosen)) continue;
    AllocationCandidate candidate;
    for (size_t i = 0; i < groups.size(); ++i) {
      for (const Taken& one : chosen[i]->taken)
        candidate.allocations[one.provider][std::string(one.resource_class)] += one.amount;
      candidate.mappings[request_.groups[i].suffix].insert(chosen[i]->providers.begin(), chosen[i]->providers.end());
    }
    if (fits_together(candidate)) merged.push_back(std::move(candidate));
  } while (next_choice(position, sizes));
}

AllocationCandidates Search::run() {
  std::vector<std::vector<Solution>> solved;
  for (const RequestGroup& group : request_.groups) {
    solved.push_back(solve(group));
    if (solved.back().empty()) return {};
  }
  std::map<uint32_t, std::vector<std::vector<const Solution*>>> by_anchor;
  for (size_t i = 0; i < solved.size(); ++i) {
    for (const Solution& solution : solved[i]) {
      auto& of_anchor = by_anchor[solution.anchor];
      of_anchor.resize(solved.size());
      of_anchor[i].push_back(&solution);
    }
  }
  AllocationCandidates found;
  std::set<std::pair<std::map<uint32_t, Amounts>, std::map<std::string, std::set<uint32_t>>>> seen;
  for (const auto& [anchor, groups] : by_anchor) {
    if (std::ranges::any_of(groups, [](const auto& of_group) { return of_group.empty(); })) continue;
    std::vector<AllocationCandidate> merged;
    merge(groups, merged);
    // A provider that shares is found once for each tree that it lends to, and once for its own.
    for (AllocationCandidate& candidate : merged) {
      bool is_wanted = request_.knows_trees || !has_trees_ || spans_no_tree(candidate);
      if (is_wanted && (sharing_.empty() || seen.emplace(candidate.allocations, candidate.mappings).second))
        found.candidates.push_back(std::move(candidate));
    }
  }
  found.is_cut = looked_at_ > kMaxCombinations;
  if (found.candidates.size() > request_.limit) found.candidates.resize(request_.limit);
  std::set<uint32_t> roots, taking_part;
  for (const AllocationCandidate& candidate : found.candidates)
    for (uint32_t provider : candidate.allocations | std::views::keys) {
      roots.insert(at(provider).root);
      taking_part.insert(provider);
    }
  bool shows_trees = request_.knows_trees || !has_trees_;
  for (uint32_t i = 0; i < forest_.size(); ++i)
    if (shows_trees ? roots.contains(at(i).root) : taking_part.contains(i)) found.shown.insert(i);
  return found;
}

}  // namespace

AllocationCandidates granular_candidates(const ProviderForest& forest, const CandidatesRequest& request) {
  return Search(forest, request).run();
}

}  // namespace kilonova
