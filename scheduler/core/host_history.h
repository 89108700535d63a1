// HostHistory: what hosts were before their latest changes, so that an earlier decision can be worked out again. A bounded log: the oldest
// entries go first. Owned by the HostManager, loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <ranges>

#include "scheduler/core/host_state.h"

namespace kilonova::scheduler {

inline constexpr size_t kHostChangesKept = 32'768;

class HostHistory {
 public:
  // The change of this number is about to happen. Numbers ascend.
  void note(uint64_t change, HostIndex host, const HostFacts& before) {
    entries_.push_back({change, host, before});
    if (entries_.size() <= kHostChangesKept) return;
    forgotten_ = entries_.front().change;
    entries_.pop_front();
  }
  // Every change after this one is remembered.
  bool reaches(uint64_t change) const { return change >= forgotten_; }
  // Those after `change`, the latest first: applied in this order they lead back to it.
  template <class Visit>
  void for_each_after(uint64_t change, Visit visit) const {
    for (const Entry& entry : entries_ | std::views::reverse) {
      if (entry.change <= change) return;
      visit(entry.host, entry.before);
    }
  }

 private:
  struct Entry {
    uint64_t change = 0;
    HostIndex host = kNoIndex;
    HostFacts before;
  };

  std::deque<Entry> entries_;
  uint64_t forgotten_ = 0;  // the newest change that is not remembered
};

}  // namespace kilonova::scheduler
