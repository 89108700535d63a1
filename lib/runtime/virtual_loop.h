// VirtualLoop: a loop in simulated time. It takes no time to run a callback; when nothing is left to run now, time
// jumps to the next timer. The same program gives the same run, to the bit. One thread only.
#pragma once

#include "runtime/loop.h"
#include "runtime/run_queue.h"
#include "runtime/timer_queue.h"

namespace kilonova {

class VirtualLoop final : public Loop {
 public:
  // Steady time starts at 0, wall time at 2026-01-01T00:00:00Z.
  VirtualLoop() = default;
  ~VirtualLoop() override;

  // Runs one callback, letting time pass to the next timer if nothing is ready; false when there is nothing at all.
  bool step();
  // Runs all there is up to the instant, its timers included; now() is the instant afterwards, or later if it was.
  void run_until(Instant instant);
  // Runs until there is nothing left, timers included. Does not return while something always sets a new timer.
  void run_until_idle();

  // Lets the wall clock jump: wall_now() is the steady time since the start plus this offset since the Unix epoch.
  void set_wall_offset(Duration since_epoch) { wall_offset_ = since_epoch; }
  Duration wall_offset() const { return wall_offset_; }

  Instant now() const override { return now_; }
  WallTime wall_now() const override { return WallTime{now_.us} + wall_offset_; }
  void post(Callback callback) override { queue_.post(std::move(callback)); }
  void wake(Wakeup& entry) override { queue_.wake(entry); }
  void at_drain(Callback callback) override { queue_.at_drain(std::move(callback)); }
  TimerId call_at(Instant instant, Callback callback) override { return timers_.add(instant, std::move(callback)); }
  void cancel(TimerId timer) override { timers_.cancel(timer); }

 private:
  bool step_until(Instant last);

  RunQueue queue_;
  TimerQueue timers_;
  Instant now_;
  Duration wall_offset_ = seconds(1'767'225'600);
  bool running_ = false;
};

}  // namespace kilonova
