// RunQueue: what a loop has to run now. Ready entries in FIFO order, and callbacks for when none of them is left.
// The part all loops share; loop thread only.
#pragma once

#include <deque>
#include <vector>

#include "runtime/callback.h"
#include "runtime/wakeup.h"

namespace kilonova {

class RunQueue {
 public:
  RunQueue() = default;
  RunQueue(const RunQueue&) = delete;
  RunQueue& operator=(const RunQueue&) = delete;
  ~RunQueue() { clear(); }

  void post(Callback callback);
  void wake(Wakeup& entry) { ready_.push_back(entry); }
  void at_drain(Callback callback) { drains_.push_back(std::move(callback)); }

  bool has_ready() const { return !ready_.empty(); }
  // Neither a ready entry nor a drain callback is left.
  bool idle() const { return ready_.empty() && drains_.empty(); }

  // Runs the first ready entry, or else the first drain callback; false when idle.
  bool run_one();

  // Destroys all callbacks without running them, those included that are added by such a destruction.
  void clear();

 private:
  // A posted callback; recycled, so that posting allocates nothing once the queue has seen its peak.
  class Posted final : public Wakeup {
   public:
    explicit Posted(RunQueue* queue) : queue_(queue) {}
    void run() override;
    void drop() override;
    Callback callback;

   private:
    RunQueue* queue_;
  };

  WakeupList ready_;
  std::deque<Callback> drains_;
  std::deque<Posted> posted_;  // stable addresses
  std::vector<Posted*> free_;
};

}  // namespace kilonova
