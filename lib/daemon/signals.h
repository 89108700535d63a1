// SIGINT and SIGTERM as an orderly end.
#pragma once

#include <csignal>
#include <functional>
#include <thread>

namespace kilonova {

// Made before any other thread: blocks both signals until it is gone, and threads inherit that. SIGPIPE is ignored.
class BlockedStopSignals {
 public:
  BlockedStopSignals();
  BlockedStopSignals(const BlockedStopSignals&) = delete;
  BlockedStopSignals& operator=(const BlockedStopSignals&) = delete;
  // Both have their former meaning again.
  ~BlockedStopSignals();

  const sigset_t& signals() const { return signals_; }

 private:
  sigset_t signals_{};
  sigset_t former_mask_{};
};

// The first signal calls the function, on a thread of its own; the second one ends the process at once with
// 128 + its number, should the orderly end hang.
class StopSignals {
 public:
  StopSignals(const BlockedStopSignals& blocked, std::function<void()> on_stop);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

 private:
  void watch();

  std::function<void()> on_stop_;
  int signals_ = -1;  // signalfd
  int end_ = -1;      // eventfd: the destructor's word to the thread
  std::thread thread_;
};

}  // namespace kilonova
