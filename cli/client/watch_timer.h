// Ends a watch when the time is over, and lets a line on the terminal show how it passes.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/time.h"
#include "cli/client/watch.h"
#include "cli/output/progress.h"

namespace kilonova::cli {

// A thread of its own from construction to destruction. Line and watch must outlive it.
class WatchTimer {
 public:
  // `timeout` 0 = none.
  WatchTimer(Duration timeout, StatusLine& line, Watch& watch)
      : ends_(timeout.us > 0 ? Clock::now() + std::chrono::microseconds(timeout.us) : Clock::time_point::max()),
        line_(line),
        watch_(watch),
        thread_([this] { run(); }) {}
  ~WatchTimer() {
    {
      std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  WatchTimer(const WatchTimer&) = delete;
  WatchTimer& operator=(const WatchTimer&) = delete;

  bool is_over() const { return Clock::now() >= ends_; }

 private:
  using Clock = std::chrono::steady_clock;

  void run() {
    std::unique_lock lock(mutex_);
    while (!stopped_) {
      auto next =
          std::min(ends_, Clock::now() + (line_.is_visible() ? std::chrono::milliseconds(100) : std::chrono::hours(1)));
      changed_.wait_until(lock, next, [this] { return stopped_; });
      if (!stopped_ && is_over()) {
        watch_.cancel();
        return;
      }
      line_.draw();
    }
  }

  Clock::time_point ends_;
  StatusLine& line_;
  Watch& watch_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace kilonova::cli
