// Patience: how long a thread of a store waits for another machine: without end while the daemon lives, and a little
// longer once it is to end.
#pragma once

#include <atomic>
#include <chrono>

#include "base/time.h"

namespace kilonova {

class Patience {
 public:
  // How long what is under way may still take after end().
  static constexpr std::chrono::seconds kLastWait{5};

  Patience();
  ~Patience();
  Patience(const Patience&) = delete;

  // Any thread, once.
  void end();
  bool is_ending() const { return ending_; }

  // One thread. Until the socket can be read (or written, where that is asked too); false when it is over.
  bool wait_for(int socket, bool for_writing);
  // For a time that others need; false when it is over, at once after end().
  bool pause(Duration time);

 private:
  using Clock = std::chrono::steady_clock;

  int event_;  // readable after end()
  std::atomic<bool> ending_{false};
  Clock::time_point over_at_{};  // of the waiting thread, once it has seen the end
};

}  // namespace kilonova
