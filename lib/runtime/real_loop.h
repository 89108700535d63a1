// RealLoop: a loop on the machine's clocks, run by one thread; others hand it callbacks through an inbox. It waits in an
// event source, whose events (sockets) it handles between its callbacks.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/histogram.h"
#include "runtime/event_source.h"
#include "runtime/loop.h"
#include "runtime/run_queue.h"
#include "runtime/timer_queue.h"

namespace kilonova {

// The loop thread is the one inside run(). While no thread is, one thread at a time may prepare or dismantle what
// lives on the loop. Only post_from_any_thread() and stop() are thread-safe, and both only before the destructor.
class RealLoop final : public Loop {
 public:
  // Waits for its own callbacks alone.
  RealLoop();
  // The source must outlive the loop.
  explicit RealLoop(EventSource& source);
  ~RealLoop() override;

  // Runs callbacks and handles events in the calling thread until stop(), and sleeps while there are none. May be called
  // again. Each round takes the inbox, the timers that are due, a bounded number of callbacks and of events: none of the
  // four starves another.
  void run();
  // Makes run() return after the callback at work; called before run(), it makes the next run() return at once. What is
  // queued stays queued. Takes a lock, so not for signal handlers.
  void stop();
  // Runs the callback on the loop thread. Callbacks of one thread run in the order they were posted.
  // A sleeping loop is woken; for one that is awake this costs no system call.
  void post_from_any_thread(Callback callback);

  Instant now() const override;
  WallTime wall_now() const override;
  void post(Callback callback) override;
  void wake(Wakeup& entry) override;
  void at_drain(Callback callback) override;
  TimerId call_at(Instant instant, Callback callback) override;
  void cancel(TimerId timer) override;

  // How long its turns were: all that it did between two looks for more, without the waits. For its thread.
  const DurationCounts& turns() const { return turns_; }

 private:
  void check_thread() const;
  void take_inbox();
  void run_some();
  bool may_sleep();
  void sleep();

  RunQueue queue_;
  TimerQueue timers_;
  DurationCounts turns_;
  std::vector<Callback> taken_;            // swapped with inbox_, so that both keep their capacity
  std::atomic<std::thread::id> runner_{};  // the thread inside run(); no thread's id otherwise
  std::atomic<bool> stop_requested_{false};

  const std::unique_ptr<EventSource> own_source_;  // null when one was given
  EventSource& source_;

  std::mutex mutex_;  // guards what follows
  std::vector<Callback> inbox_;
  bool sleeping_ = false;  // the source has to be woken
};

}  // namespace kilonova
