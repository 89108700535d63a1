// A few threads for what would hold up the loop for milliseconds. Jobs in, answers back onto the loop.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/callback.h"

namespace kilonova {

// Owned and destroyed by one thread; submit() from any.
class WorkerPool {
 public:
  explicit WorkerPool(size_t threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  // Waits for the jobs that run; those that wait are destroyed without running.
  ~WorkerPool();

  // First come, first served. What the job refers to must outlive the pool.
  void submit(Callback job);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wakeup_;
  std::deque<Callback> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace kilonova
