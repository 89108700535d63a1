#include "api-server/front/openstack/network/ip_prefixes.h"

#include <algorithm>
#include <utility>

namespace kilonova::api::openstack {
namespace {

bool holds(IpNetwork whole, IpNetwork part) { return part.prefix >= whole.prefix && contains(whole, part.base); }

// The two that make up one of more than one address.
std::pair<IpNetwork, IpNetwork> halves(IpNetwork whole) {
  const auto length = static_cast<uint8_t>(whole.prefix + 1);
  const IpNetwork lower{first_of(whole), length};
  return {lower, IpNetwork{plus(last_of(lower), 1), length}};
}

void add_without(IpNetwork whole, const std::vector<IpNetwork>& removed, std::vector<IpNetwork>& left) {
  auto in_the_way = std::ranges::find_if(removed, [&](IpNetwork one) { return overlap(one, whole); });
  if (in_the_way == removed.end()) return left.push_back(whole);
  if (std::ranges::any_of(removed, [&](IpNetwork one) { return holds(one, whole); })) return;
  const auto [lower, upper] = halves(whole);  // what overlaps and does not hold it is a part of it
  add_without(lower, removed, left);
  add_without(upper, removed, left);
}

}  // namespace

std::vector<IpNetwork> compact(std::vector<IpNetwork> prefixes) {
  for (IpNetwork& one : prefixes) one.base = first_of(one);
  std::ranges::sort(prefixes);  // one that holds others comes first
  std::vector<IpNetwork> kept;
  for (IpNetwork one : prefixes) {
    if (!kept.empty() && holds(kept.back(), one)) continue;
    kept.push_back(one);
    while (kept.size() > 1 && kept.back().prefix > 0) {
      const IpNetwork lower = kept[kept.size() - 2], upper = kept.back();
      const IpNetwork both{lower.base, static_cast<uint8_t>(upper.prefix - 1)};
      if (lower.prefix != upper.prefix || first_of(both) != lower.base || !contains(both, upper.base)) break;
      kept.pop_back();
      kept.back() = both;
    }
  }
  return kept;
}

std::vector<IpNetwork> difference(const std::vector<IpNetwork>& all, const std::vector<IpNetwork>& removed) {
  std::vector<IpNetwork> left;
  for (IpNetwork one : all) add_without(one, removed, left);
  return compact(std::move(left));
}

bool is_within(const std::vector<IpNetwork>& all, IpNetwork part) {
  return std::ranges::any_of(all, [&](IpNetwork one) { return holds(one, part); });
}

bool is_disjoint(const std::vector<IpNetwork>& a, const std::vector<IpNetwork>& b) {
  return std::ranges::none_of(
      a, [&](IpNetwork one) { return std::ranges::any_of(b, [&](IpNetwork other) { return overlap(one, other); }); });
}

}  // namespace kilonova::api::openstack
