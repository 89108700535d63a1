// MemoryCommitQueue: the commits of a store in memory. They become durable in groups, in order, through the loop.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/error.h"
#include "runtime/loop.h"
#include "runtime/pending_calls.h"
#include "runtime/task.h"
#include "runtime/wakeup.h"
#include "store/memory_disk.h"

namespace kilonova {

// Loop thread only. Image has `Expected<> apply(const Transaction&)`, all or nothing, and
// `void refused(const Transaction&)`, told of what the disk did not take. Loop, disk and image outlive it; the
// flows that await commits die before it. Destroying it is the crash: the disk says what of the unanswered was kept.
template <class Transaction, class Image>
class MemoryCommitQueue {
 public:
  MemoryCommitQueue(Loop& loop, MemoryDisk& disk, Image& image)
      : loop_(loop), disk_(disk), image_(image), calls_(loop), turn_(*this) {}
  MemoryCommitQueue(const MemoryCommitQueue&) = delete;
  MemoryCommitQueue& operator=(const MemoryCommitQueue&) = delete;

  ~MemoryCommitQueue() {
    loop_.cancel(timer_);
    for (Waiting& waiting : waiting_) writing_.push_back(std::move(waiting));
    if (writing_.empty() || !disk_.kept_on_crash) return;
    size_t kept = disk_.kept_on_crash(writing_.size());
    for (size_t i = 0; i < kept && i < writing_.size(); ++i) (void)write(writing_[i].transaction);
  }

  Task<Expected<>> commit(Transaction transaction) {
    auto call = calls_.open();
    waiting_.push_back({call.id(), std::move(transaction)});
    if (!busy_) {
      busy_ = true;
      loop_.wake(turn_);
    }
    co_return co_await call.wait();
  }

 private:
  struct Waiting {
    uint64_t call;
    Transaction transaction;
  };

  // The start of a group, after those callbacks that are ready now and may add to it.
  class Turn final : public Wakeup {
   public:
    explicit Turn(MemoryCommitQueue& queue) : queue_(queue) {}
    void run() override { queue_.start_group(); }

   private:
    MemoryCommitQueue& queue_;
  };

  void start_group() {
    writing_.swap(waiting_);
    if (disk_.commit_latency <= Duration{}) return finish_group();
    timer_ = loop_.call_after(disk_.commit_latency, [this] {
      timer_ = 0;
      finish_group();
    });
  }

  void finish_group() {
    for (Waiting& waiting : writing_) calls_.complete(waiting.call, write(waiting.transaction));
    writing_.clear();
    busy_ = !waiting_.empty();
    if (busy_) loop_.wake(turn_);
  }

  Expected<> write(const Transaction& transaction) {
    if (auto failure = disk_.take_failure()) {
      image_.refused(transaction);
      return std::unexpected(std::move(*failure));
    }
    return image_.apply(transaction);
  }

  Loop& loop_;
  MemoryDisk& disk_;
  Image& image_;
  PendingCalls<Expected<>> calls_;
  Turn turn_;
  std::vector<Waiting> waiting_;  // for the next group
  std::vector<Waiting> writing_;  // not yet durable
  TimerId timer_ = 0;
  bool busy_ = false;  // turn_ is queued or a group is being written
};

}  // namespace kilonova
