#include "compute-node/core/instance_table.h"

#include <algorithm>
#include <utility>

namespace kilonova::compute {

void FenceTable::remember(const HostInstance& key, uint64_t epoch, Instant now) {
  Fence& fence = epochs_[key];
  fence.epoch = std::max(fence.epoch, epoch);
  fence.serial = next_serial_++;
  queue_.push_back({.key = key, .serial = fence.serial, .since = now});
  while (epochs_.size() > max_fences_ || queue_.size() > 2 * max_fences_ + 1) drop_oldest();
}

uint64_t FenceTable::take(const HostInstance& key) {
  const Fence* fence = epochs_.find(key);
  if (fence == nullptr) return 0;
  uint64_t epoch = fence->epoch;
  epochs_.erase(key);
  return epoch;
}

void FenceTable::expire(Instant now) {
  while (!queue_.empty() && queue_.front().since + retention_ <= now) drop_oldest();
}

void FenceTable::drop_oldest() {
  Place place = queue_.front();
  queue_.pop_front();
  const Fence* fence = epochs_.find(place.key);
  if (fence != nullptr && fence->serial == place.serial) epochs_.erase(place.key);
}

InstanceOnHost* InstanceTable::find(const HostInstance& key) {
  auto* found = by_key_.find(key);
  return found == nullptr ? nullptr : &**found;
}

InstanceOnHost& InstanceTable::find_or_create(const HostInstance& key) {
  if (InstanceOnHost* found = find(key)) return *found;
  entries_.emplace_back();
  InstanceOnHost& entry = entries_.back();
  entry.key = key;
  entry.epoch = fences_.take(key);
  by_key_.insert(key, std::prev(entries_.end()));
  return entry;
}

void InstanceTable::forget_if_idle(HostInstance key, Instant now) {
  auto* found = by_key_.find(key);
  if (found == nullptr) return;
  auto entry = *found;
  if (entry->building || entry->work != 0 || entry->guest || entry->unanswered) return;
  if (entry->epoch != 0) fences_.remember(key, entry->epoch, now);
  by_key_.erase(key);
  entries_.erase(entry);
}

void InstanceTable::start_build(InstanceOnHost& entry, uint64_t epoch) {
  entry.epoch = epoch;
  entry.building = true;
  entry.unanswered.reset();
  entry.operation = 0;
  entry.operation_done = false;
  entry.operation_fault.reset();
  note_unfinished(entry);
}

void InstanceTable::end_build(InstanceOnHost& entry, std::unique_ptr<UnansweredReport> report) {
  entry.building = false;
  entry.work = 0;
  entry.unanswered = std::move(report);
  note_unfinished(entry);
}

void InstanceTable::drop_report(InstanceOnHost& entry) {
  entry.unanswered.reset();
  note_unfinished(entry);
}

void InstanceTable::note_unfinished(const InstanceOnHost& entry) {
  if (entry.building || entry.unanswered) {
    unfinished_.insert(entry.key);
  } else {
    unfinished_.erase(entry.key);
  }
}

}  // namespace kilonova::compute
