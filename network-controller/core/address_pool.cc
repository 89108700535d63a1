#include "network-controller/core/address_pool.h"

#include <algorithm>

#include "base/check.h"

namespace kilonova::network {
namespace {

uint32_t count_of(IpNetwork network) {
  if (network.base.version != 4) return 0;
  KN_CHECK(network.prefix >= 2, "the subnet was not validated");
  return uint32_t{1} << (32 - network.prefix);
}

}  // namespace

AddressPool::AddressPool(IpNetwork network, std::vector<IpRange> ranges)
    : network_(network), ranges_(std::move(ranges)), taken_(count_of(network)), next_(network.base) {}

std::optional<IpAddress> AddressPool::free_in(const IpRange& range, IpAddress from) const {
  IpAddress free = std::max(range.first, from);
  if (network_.base.version == 4) {
    if (free > range.last) return std::nullopt;
    std::optional<uint32_t> index = taken_.next_free(offset(free));
    if (!index) return std::nullopt;
    free = plus(network_.base, *index);
  } else {
    for (auto taken = taken_of_6_.lower_bound(free); taken != taken_of_6_.end() && *taken == free; ++taken)
      free = plus(free, 1);
  }
  if (free > range.last) return std::nullopt;
  return free;
}

std::optional<IpAddress> AddressPool::allocate() {
  for (IpAddress from : {next_, network_.base}) {
    for (const IpRange& range : ranges_) {
      std::optional<IpAddress> free = free_in(range, from);
      if (!free) continue;
      take(*free);
      next_ = plus(*free, 1);
      return free;
    }
  }
  return std::nullopt;
}

bool AddressPool::take(IpAddress address) {
  if (!may_have(address)) return false;
  bool took = address.version == 4 ? taken_.take(offset(address)) : taken_of_6_.insert(address).second;
  auto is_of = [&](const IpRange& range) { return address >= range.first && address <= range.last; };
  if (took && address >= next_ && std::ranges::any_of(ranges_, is_of)) next_ = plus(address, 1);
  return took;
}

bool AddressPool::release(IpAddress address) {
  if (!contains(network_, address)) return false;
  return address.version == 4 ? taken_.release(offset(address)) : taken_of_6_.erase(address) == 1;
}

bool AddressPool::in_use(IpAddress address) const {
  if (!contains(network_, address)) return false;
  return address.version == 4 ? taken_.taken(offset(address)) : taken_of_6_.contains(address);
}

std::optional<Ipv4> AddressPool::next_in_use(Ipv4 from) const {
  uint32_t start = from.value < network_.base.low ? 0 : offset(to_ip(from));
  std::optional<uint32_t> index = taken_.next_taken(start);
  if (!index) return std::nullopt;
  return to_ipv4(plus(network_.base, *index));
}

uint64_t AddressPool::usable() const {
  uint64_t all = 0;
  for (const IpRange& range : ranges_) {
    bool is_huge = range.last.high != range.first.high || range.last.low - range.first.low == UINT64_MAX;
    uint64_t count = is_huge ? UINT64_MAX : range.last.low - range.first.low + 1;
    all = count > UINT64_MAX - all ? UINT64_MAX : all + count;
  }
  return all;
}

bool AddressPool::may_have(IpAddress address) const {
  if (!contains(network_, address)) return false;
  if (address.version != 4 || network_.prefix >= 31) return true;
  return address != network_.base && address != last_of(network_);
}

}  // namespace kilonova::network
