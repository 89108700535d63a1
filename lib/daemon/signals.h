// SIGINT and SIGTERM as an orderly end.
#pragma once

#include <csignal>
#include <functional>
#include <thread>

namespace kilonova {

// Made first of all in main(), before any other thread: it blocks both signals, and threads inherit that. SIGPIPE is
// ignored. The first signal calls the function, on a thread of its own; the second one ends the process at once with
// 128 + its number, should the orderly end hang.
class StopSignals {
 public:
  explicit StopSignals(std::function<void()> on_stop);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  // The signals stay blocked until it is gone, and have their former meaning afterwards.
  ~StopSignals();

 private:
  void watch();

  std::function<void()> on_stop_;
  sigset_t former_mask_{};
  int signals_ = -1;  // signalfd
  int end_ = -1;      // eventfd: the destructor's word to the thread
  std::thread thread_;
};

}  // namespace kilonova
