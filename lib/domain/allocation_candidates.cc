#include "scheduler/core/nova/allocation_candidates.h"

#include <algorithm>

namespace kilonova::scheduler::nova {
namespace {

bool has_room(const Inventory& inventory, int64_t amount) {
  // In doubles, with no rounding down.
  const double capacity = static_cast<double>(inventory.total - inventory.reserved) * inventory.allocation_ratio;
  return static_cast<double>(inventory.used + amount) <= capacity && inventory.min_unit <= amount &&
         amount <= inventory.max_unit && amount % inventory.step_size == 0;
}

template <class T, class Set>
bool has_one_of_each(const Set& has, const std::vector<std::vector<T>>& wanted) {
  return std::ranges::all_of(wanted, [&](const std::vector<T>& one_of) {
    return std::ranges::any_of(one_of, [&](const T& one) { return has.contains(one); });
  });
}

bool is_candidate(const ResourceProvider& provider, const ResourceRequest& request) {
  auto has_room_for = [&](const auto& resource) {
    auto inventory = provider.inventories.find(resource.first);
    return inventory != provider.inventories.end() && has_room(inventory->second, resource.second);
  };
  return std::ranges::all_of(request.resources, has_room_for) && has_one_of_each(provider.traits, request.required) &&
         has_one_of_each(provider.aggregates, request.member_of) &&
         std::ranges::none_of(request.forbidden, [&](const auto& trait) { return provider.traits.contains(trait); }) &&
         std::ranges::none_of(request.forbidden_aggregates,
                              [&](int64_t aggregate) { return provider.aggregates.contains(aggregate); });
}

}  // namespace

std::vector<uint32_t> allocation_candidates(std::span<const ResourceProvider> providers,
                                            const ResourceRequest& request) {
  std::vector<uint32_t> candidates;
  for (uint32_t place = 0; place < providers.size(); ++place)
    if (is_candidate(providers[place], request)) candidates.push_back(place);
  return candidates;
}

}  // namespace kilonova::scheduler::nova
