// TimerQueue: a loop's timers, ordered by instant and then by the order in which they were set. Loop thread only.
// Setting and cancelling take O(log n) and, once the queue has seen its peak, allocate nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/time.h"
#include "runtime/callback.h"
#include "runtime/loop.h"
#include "runtime/run_queue.h"

namespace kilonova {

class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue() { clear(); }

  TimerId add(Instant instant, Callback callback);
  // Destroys the callback of a timer that waits or is due but has not run; anything else is ignored.
  void cancel(TimerId id);

  // The earliest instant a timer waits for; those already moved by take_due do not count.
  std::optional<Instant> next() const;
  // Moves every timer of an instant up to now into the ready queue, in order.
  void take_due(Instant now, RunQueue& ready);

  // Destroys the callbacks of all waiting timers, those included that are set by such a destruction.
  void clear();

 private:
  static constexpr uint32_t kNotInHeap = UINT32_MAX;
  // Low bits of a TimerId name the slot, the others count the slot's uses: 2^36 of them before a stale id could match.
  static constexpr int kSlotBits = 28;

  // A timer; as a Wakeup so that one that is due can still be taken back.
  class Timer final : public Wakeup {
   public:
    Timer(TimerQueue* queue, uint32_t slot) : queue_(queue), slot_(slot) {}
    void run() override;
    void drop() override;
    Callback callback;
    uint64_t use = 1;
    uint32_t heap_index = kNotInHeap;
    uint32_t slot() const { return slot_; }

   private:
    TimerQueue* queue_;
    uint32_t slot_;
  };
  struct HeapEntry {
    Instant instant;
    uint64_t sequence;
    Timer* timer;
    bool before(const HeapEntry& other) const {
      return instant != other.instant ? instant < other.instant : sequence < other.sequence;
    }
  };

  Callback release(Timer& timer);
  void remove_from_heap(uint32_t index);
  void sift_up(uint32_t index);
  void sift_down(uint32_t index);
  void place(uint32_t index, HeapEntry entry);

  std::deque<Timer> slots_;  // stable addresses
  std::vector<uint32_t> free_;
  std::vector<HeapEntry> heap_;
  uint64_t next_sequence_ = 0;
};

}  // namespace kilonova
