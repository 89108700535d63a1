// AddressPool: the addresses of one subnet, and AddressReservation, one of them on its way to a port or server.
// Pure; loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "domain/ip_address.h"
#include "network-controller/core/index_pool.h"

namespace kilonova::network {

struct IpRange {
  IpAddress first;
  IpAddress last;  // itself of the range
};

// Gives addresses of the ranges out in turn: the next free one after the one given out last, from the start again at the
// end. So an address that was freed rests as long as possible, and what still speaks from it is heard by nobody else.
// Who asks for a certain address may have any of the subnet's but, of IPv4, the first and the last
// (Bexar's nova-network gave out the last one by mistake).
class AddressPool {
 public:
  // An IPv4 network has a prefix of at least 2. The ranges are of the network, ascending, and none overlaps another.
  AddressPool(IpNetwork network, std::vector<IpRange> ranges);

  // Nothing when all of the ranges are in use.
  std::optional<IpAddress> allocate();
  // False when it is none of this subnet's, or in use.
  bool take(IpAddress address);
  // False when it is not in use.
  bool release(IpAddress address);
  bool in_use(IpAddress address) const;
  // The least address in use that is not below `from`, of an IPv4 subnet; for listings.
  std::optional<Ipv4> next_in_use(Ipv4 from) const;
  // What is in use stays so, wherever the new ranges are.
  void set_ranges(std::vector<IpRange> ranges) { ranges_ = std::move(ranges); }
  // Addresses of the ranges; 2^64 - 1 where there are more.
  uint64_t usable() const;
  uint64_t used() const { return taken_.count() + taken_of_6_.size(); }
  // Of IPv4 all but the first and the last, where there are more than two.
  bool may_have(IpAddress address) const;

 private:
  uint32_t offset(IpAddress address) const { return static_cast<uint32_t>(address.low - network_.base.low); }
  std::optional<IpAddress> free_in(const IpRange& range, IpAddress from) const;

  IpNetwork network_;
  std::vector<IpRange> ranges_;
  IndexPool taken_;                 // of IPv4
  std::set<IpAddress> taken_of_6_;  // of IPv6
  IpAddress next_;
};

// Frees the address when destroyed, unless it was kept. The pool must outlive it.
class AddressReservation {
 public:
  AddressReservation(AddressPool& pool, IpAddress address) : pool_(&pool), address_(address) {}
  AddressReservation(AddressReservation&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), address_(other.address_) {}
  AddressReservation& operator=(AddressReservation&&) = delete;
  ~AddressReservation() {
    if (pool_ != nullptr) pool_->release(address_);
  }
  IpAddress address() const { return address_; }
  void keep() { pool_ = nullptr; }

 private:
  AddressPool* pool_;
  IpAddress address_;
};

}  // namespace kilonova::network
