// DebitTable: the placements that this scheduler cast and no host has accounted for yet. Knows who and until when;
// the amounts on the hosts are the HostManager's. Everything but creation is O(1), expiry O(1) per expired debit.
// Loop thread only; a pure data structure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/hash_map.h"
#include "base/time.h"
#include "domain/messages.h"
#include "scheduler/core/host_state.h"

namespace kilonova::scheduler {

struct Debit {
  PlacementId placement;
  HostIndex host = kNoIndex;
  Resources amount;
  Instant expires;
  std::vector<std::string> alternates;  // as cast: a repeated cast is the same cast
};

class DebitTable {
 public:
  using Slot = uint32_t;

  // The instance must have none. `expires` must not be before that of the newest debit (one expiry for all).
  // `first_of_host` is the head of the host's list, kept in its HostState.
  Slot insert(Debit debit, uint32_t& first_of_host);
  Debit erase(Slot slot, uint32_t& first_of_host);

  // kNoIndex when the instance has none.
  Slot find(const Uuid& instance) const;
  const Debit& at(Slot slot) const { return entries_[slot].debit; }
  void set_alternates(Slot slot, std::vector<std::string> names) { entries_[slot].debit.alternates = std::move(names); }
  // The debit that expires next, kNoIndex when there is none.
  Slot oldest() const { return oldest_; }
  // The one that expires after it, kNoIndex after the last.
  Slot after(Slot slot) const { return entries_[slot].by_age.next; }
  size_t size() const { return by_instance_.size(); }

 private:
  struct Links {
    uint32_t previous = kNoIndex;
    uint32_t next = kNoIndex;
  };
  struct Entry {
    Debit debit;
    Links by_age;
    Links by_host;  // newest first
  };

  std::vector<Entry> entries_;
  std::vector<Slot> free_;
  HashMap<Uuid, Slot> by_instance_;
  Slot oldest_ = kNoIndex;
  Slot newest_ = kNoIndex;
};

}  // namespace kilonova::scheduler
