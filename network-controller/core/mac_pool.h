// MacPool: MAC addresses of nics, fa:16:3e:xx:xx:xx as Neutron's base_mac has it. Unique among all that are held, given
// out in turn like addresses, so that they are the same in every run. Pure; loop thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "domain/net.h"
#include "network-controller/core/index_pool.h"

namespace kilonova::network {

class MacPool {
 public:
  // Nothing when all 16,777,215 are in use.
  std::optional<Mac> allocate() {
    std::optional<uint32_t> free = taken_.next_free(next_);
    if (!free) free = taken_.next_free(1);
    if (!free) return std::nullopt;
    taken_.take(*free);
    next_ = *free + 1;
    return Mac{kBase | *free};
  }
  // At start: false when it is none of ours, or in use.
  bool take(Mac mac) {
    if (!is_ours(mac) || !taken_.take(index(mac))) return false;
    if (index(mac) >= next_) next_ = index(mac) + 1;
    return true;
  }
  bool in_use(Mac mac) const { return is_ours(mac) && taken_.taken(index(mac)); }
  bool release(Mac mac) { return is_ours(mac) && taken_.release(index(mac)); }
  uint32_t used() const { return taken_.count(); }
  static bool is_ours(Mac mac) { return (mac.value & ~uint64_t{kCount - 1}) == kBase && index(mac) > 0; }

 private:
  static constexpr uint64_t kBase = 0xfa163e000000;
  static constexpr uint32_t kCount = 1 << 24;
  static uint32_t index(Mac mac) { return static_cast<uint32_t>(mac.value & (kCount - 1)); }

  IndexPool taken_{kCount};
  uint32_t next_ = 1;
};

// Frees the MAC when destroyed, unless it was kept. The pool must outlive it.
class MacReservation {
 public:
  MacReservation(MacPool& pool, Mac mac) : pool_(&pool), mac_(mac) {}
  MacReservation(MacReservation&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), mac_(other.mac_) {}
  MacReservation& operator=(MacReservation&&) = delete;
  ~MacReservation() {
    if (pool_ != nullptr) pool_->release(mac_);
  }
  Mac mac() const { return mac_; }
  void keep() { pool_ = nullptr; }

 private:
  MacPool* pool_;
  Mac mac_;
};

}  // namespace kilonova::network
