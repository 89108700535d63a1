#include "scheduler/core/debit_table.h"

#include <utility>

#include "base/check.h"

namespace kilonova::scheduler {

DebitTable::Slot DebitTable::insert(Debit debit, uint32_t& first_of_host) {
  Slot slot;
  if (free_.empty()) {
    slot = static_cast<Slot>(entries_.size());
    entries_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  bool inserted = by_instance_.insert(debit.placement.instance, slot);
  KN_CHECK(inserted, "an instance has one debit at a time");
  Entry& entry = entries_[slot];
  entry.debit = std::move(debit);
  entry.by_age = {newest_, kNoIndex};
  (newest_ == kNoIndex ? oldest_ : entries_[newest_].by_age.next) = slot;
  newest_ = slot;
  entry.by_host = {kNoIndex, first_of_host};
  if (first_of_host != kNoIndex) entries_[first_of_host].by_host.previous = slot;
  first_of_host = slot;
  return slot;
}

Debit DebitTable::erase(Slot slot, uint32_t& first_of_host) {
  Entry& entry = entries_[slot];
  by_instance_.erase(entry.debit.placement.instance);
  const Links& age = entry.by_age;
  (age.previous == kNoIndex ? oldest_ : entries_[age.previous].by_age.next) = age.next;
  (age.next == kNoIndex ? newest_ : entries_[age.next].by_age.previous) = age.previous;
  const Links& host = entry.by_host;
  (host.previous == kNoIndex ? first_of_host : entries_[host.previous].by_host.next) = host.next;
  if (host.next != kNoIndex) entries_[host.next].by_host.previous = host.previous;
  free_.push_back(slot);
  return std::exchange(entry.debit, Debit{});
}

DebitTable::Slot DebitTable::find(const Uuid& instance) const {
  const Slot* slot = by_instance_.find(instance);
  return slot == nullptr ? kNoIndex : *slot;
}

}  // namespace kilonova::scheduler
