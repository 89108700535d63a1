// EventSource: where a RealLoop waits, and what it handles there beside its own callbacks. So that the thread which owns
// a daemon's state also waits for its sockets: what arrives is handled with no hand-over between threads.
#pragma once

#include <optional>

#include "base/time.h"

namespace kilonova {

// How many events poll() handles before the loop looks at its callbacks, timers and inbox again.
inline constexpr int kEventsPerRound = 64;

class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource();

  // ---- loop thread; from within an event too (poll() then handles others), which must not destroy the source

  // Handles what is ready, at most kEventsPerRound events, without waiting.
  virtual void poll() = 0;
  // Waits for an event, for wake(), or until the instant if there is one, and handles nothing: so the loop counts as awake
  // while events are handled. May come back early, and late by the clock's grain: a millisecond for sockets.
  virtual void wait(std::optional<Instant> until) = 0;

  // ---- any thread

  // Ends the wait() under way, or else the next one.
  virtual void wake() = 0;
};

}  // namespace kilonova
