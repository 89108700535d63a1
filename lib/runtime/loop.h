// Loop: the one thread that owns a daemon's state, and its two clocks. RealLoop runs on a machine's time, VirtualLoop
// and NodeLoop on a simulated one; cores and flows know only this interface.
//
// Everything here is for the loop's own thread. A loop must outlive what refers to it: scopes, locks, timers set on it.
// Order of one round: ready callbacks in FIFO order; when none is left, drain callbacks; when none of these is left
// either, the timers that are due join the ready queue by instant, those of one instant in the order they were set.
// (RealLoop also looks at its timers and its inbox between ready callbacks, so that none of them starves.)
#pragma once

#include <cstdint>

#include "base/time.h"
#include "runtime/callback.h"
#include "runtime/wakeup.h"

namespace kilonova {

// Of one loop, never reused within its life; 0 means none.
using TimerId = uint64_t;

class Loop {
 public:
  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  // Destroys the callbacks still queued without running them.
  virtual ~Loop();

  // The steady clock: for timeouts. Never goes back.
  virtual Instant now() const = 0;
  // The wall clock: for people, tokens and records. May jump.
  virtual WallTime wall_now() const = 0;

  // Runs the callback after those already ready, never inline.
  virtual void post(Callback callback) = 0;
  // The same for an entry that lives elsewhere and takes itself out when it dies. It must not be in a queue.
  virtual void wake(Wakeup& entry) = 0;
  // Runs the callback once, when no ready callback is left and before the loop waits or lets time pass: where batches
  // collected by the ready callbacks are sent. There is no cancelling: what it refers to must outlive the loop's round.
  virtual void at_drain(Callback callback) = 0;
  // Runs the callback once at the instant, or as soon as possible when that has passed.
  virtual TimerId call_at(Instant instant, Callback callback) = 0;
  TimerId call_after(Duration delay, Callback callback);
  // Destroys the callback of a timer that has not run, a due one included. Others, and 0, are ignored. O(log timers).
  virtual void cancel(TimerId timer) = 0;
};

}  // namespace kilonova
