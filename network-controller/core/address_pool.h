// AddressPool: the fixed addresses of one network, and AddressReservation, one of them on its way to a server.
// Pure; loop thread only. Network, gateway and broadcast address are never given out (Bexar's nova-network gave out
// the last one by mistake).
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "domain/net.h"
#include "network-controller/core/index_pool.h"

namespace kilonova::network {

// Gives addresses out in turn: the next free one after the one given out last, from the start again at the end. So an
// address that was freed rests as long as possible, and what still speaks from it is heard by nobody else.
class AddressPool {
 public:
  // The prefix is 8 to 30 and the gateway one of the network's host addresses: see network_rules.h.
  AddressPool(Cidr cidr, Ipv4 gateway);

  // Nothing when all are in use.
  std::optional<Ipv4> allocate();
  // At start, for an address that is held already: false when it is not one of this pool's, or in use.
  bool take(Ipv4 address);
  // False when it is not in use.
  bool release(Ipv4 address);
  bool in_use(Ipv4 address) const;
  // The least address in use that is not below `from`; for listings.
  std::optional<Ipv4> next_in_use(Ipv4 from) const;
  uint32_t usable() const { return size_ - 3; }
  uint32_t used() const { return taken_.count() - 1; }

 private:
  bool is_host_address(Ipv4 address) const;
  uint32_t offset(Ipv4 address) const { return address.value - first_; }

  uint32_t first_;    // the network address
  uint32_t size_;     // with all three reserved ones
  uint32_t gateway_;  // offset
  IndexPool taken_;   // up to the last host address; the gateway is taken
  uint32_t next_ = 1;
};

// Frees the address when destroyed, unless it was kept. The pool must outlive it.
class AddressReservation {
 public:
  AddressReservation(AddressPool& pool, Ipv4 address) : pool_(&pool), address_(address) {}
  AddressReservation(AddressReservation&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)), address_(other.address_) {}
  AddressReservation& operator=(AddressReservation&&) = delete;
  ~AddressReservation() {
    if (pool_ != nullptr) pool_->release(address_);
  }
  Ipv4 address() const { return address_; }
  void keep() { pool_ = nullptr; }

 private:
  AddressPool* pool_;
  Ipv4 address_;
};

}  // namespace kilonova::network
