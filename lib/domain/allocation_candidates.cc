#include "domain/allocation_candidates.h"

#include <algorithm>

namespace kilonova {
namespace {

// In doubles, with no rounding down.
double capacity(const Inventory& inventory) {
  return static_cast<double>(inventory.total - inventory.reserved) * inventory.allocation_ratio;
}

template <class T, class Set>
bool has_one_of_each(const Set& has, const std::vector<std::vector<T>>& wanted) {
  return std::ranges::all_of(wanted, [&](const std::vector<T>& one_of) {
    return std::ranges::any_of(one_of, [&](const T& one) { return has.contains(one); });
  });
}

}  // namespace

int64_t capacity_of(const Inventory& inventory) {
  constexpr double kMost = 9.0e18;  // the largest ratio that Placement takes makes more of it than fits
  return static_cast<int64_t>(std::clamp(capacity(inventory), -kMost, kMost));
}

bool has_room(const Inventory& inventory, int64_t amount) {
  return static_cast<double>(inventory.used + amount) <= capacity(inventory) && inventory.min_unit <= amount &&
         amount <= inventory.max_unit && amount % inventory.step_size == 0;
}

bool has_room(const ResourceProvider& provider, const std::string& resource_class, int64_t amount) {
  auto inventory = provider.inventories.find(resource_class);
  return inventory != provider.inventories.end() && has_room(inventory->second, amount);
}

bool has_traits(const ResourceProvider& provider, const std::vector<std::vector<std::string>>& required) {
  return has_one_of_each(provider.traits, required);
}

bool is_member_of(const ResourceProvider& provider, const std::vector<std::vector<int64_t>>& member_of) {
  return has_one_of_each(provider.aggregates, member_of);
}

bool has_one_of(const ResourceProvider& provider, const std::vector<std::string>& traits) {
  return std::ranges::any_of(traits, [&](const std::string& trait) { return provider.traits.contains(trait); });
}

bool is_in_one_of(const ResourceProvider& provider, const std::vector<int64_t>& aggregates) {
  return std::ranges::any_of(aggregates, [&](int64_t one) { return provider.aggregates.contains(one); });
}

bool is_candidate(const ResourceProvider& provider, const ResourceRequest& request) {
  return std::ranges::all_of(
             request.resources,
             [&](const auto& resource) { return has_room(provider, resource.first, resource.second); }) &&
         has_traits(provider, request.required) && is_member_of(provider, request.member_of) &&
         !has_one_of(provider, request.forbidden) && !is_in_one_of(provider, request.forbidden_aggregates);
}

std::vector<uint32_t> allocation_candidates(std::span<const ResourceProvider> providers,
                                            const ResourceRequest& request) {
  std::vector<uint32_t> candidates;
  for (uint32_t place = 0; place < providers.size(); ++place)
    if (is_candidate(providers[place], request)) candidates.push_back(place);
  return candidates;
}

}  // namespace kilonova
