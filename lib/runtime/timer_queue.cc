#include "runtime/timer_queue.h"

#include <utility>

namespace kilonova {

void TimerQueue::Timer::run() {
  Callback to_run = queue_->release(*this);
  to_run();
}

void TimerQueue::Timer::drop() { Callback to_destroy = queue_->release(*this); }

TimerId TimerQueue::add(Instant instant, Callback callback) {
  KN_CHECK(static_cast<bool>(callback), "a timer was set with an empty callback");
  if (free_.empty()) {
    KN_CHECK(slots_.size() < (size_t{1} << kSlotBits), "too many timers");
    uint32_t slot = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back(this, slot);
    free_.push_back(slot);
  }
  Timer& timer = slots_[free_.back()];
  free_.pop_back();
  timer.callback = std::move(callback);
  heap_.push_back({instant, next_sequence_++, &timer});
  sift_up(static_cast<uint32_t>(heap_.size() - 1));
  return timer.use << kSlotBits | timer.slot();
}

void TimerQueue::cancel(TimerId id) {
  uint32_t slot = static_cast<uint32_t>(id & ((uint64_t{1} << kSlotBits) - 1));
  if (slot >= slots_.size()) return;
  Timer& timer = slots_[slot];
  // A free slot's use count belongs to no id given out so far.
  if (timer.use != id >> kSlotBits) return;
  Callback to_destroy = release(timer);
}

std::optional<Instant> TimerQueue::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().instant;
}

void TimerQueue::take_due(Instant now, RunQueue& ready) {
  while (!heap_.empty() && heap_.front().instant <= now) {
    Timer* timer = heap_.front().timer;
    remove_from_heap(0);
    ready.wake(*timer);
  }
}

void TimerQueue::clear() {
  while (!heap_.empty()) Callback to_destroy = release(*heap_.front().timer);
}

// Frees the slot and hands out the callback, whose destruction may come back here.
Callback TimerQueue::release(Timer& timer) {
  if (timer.heap_index != kNotInHeap) remove_from_heap(timer.heap_index);
  timer.leave_queue();
  ++timer.use;
  free_.push_back(timer.slot());
  return std::move(timer.callback);
}

void TimerQueue::place(uint32_t index, HeapEntry entry) {
  heap_[index] = entry;
  entry.timer->heap_index = index;
}

void TimerQueue::remove_from_heap(uint32_t index) {
  heap_[index].timer->heap_index = kNotInHeap;
  HeapEntry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  place(index, last);
  sift_up(index);
  sift_down(last.timer->heap_index);
}

void TimerQueue::sift_up(uint32_t index) {
  HeapEntry entry = heap_[index];
  while (index > 0) {
    uint32_t parent = (index - 1) / 2;
    if (!entry.before(heap_[parent])) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerQueue::sift_down(uint32_t index) {
  HeapEntry entry = heap_[index];
  for (;;) {
    uint32_t child = 2 * index + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(entry)) break;
    place(index, heap_[child]);
    index = child;
  }
  place(index, entry);
}

}  // namespace kilonova
