// CommitThread: the one thread that writes a store. It takes all transactions that wait and writes them as one group,
// so that under load many share one commit; groups form by draining what waits, never by a timer. How a group is
// written is its Writer's: SqliteWriter (sqlite_writer.h), PostgresWriter (postgres_writer.h).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "runtime/real_loop.h"
#include "runtime/task.h"
#include "store/store_counts.h"
#include "store/thread_answers.h"

namespace kilonova {

// Created and destroyed on the loop thread; while it lives, the writer is its thread's alone, but for stopping(). A
// Writer has a Transaction and
//   std::vector<Expected<>> write(const std::vector<const Transaction*>&)
//                        a result for each, or none at all: then nobody is answered
//   void after_group()   once the answers are under way
//   void when_idle()     once, when it had nothing to do for a while
//   void stopping()      on the loop thread: there is an end to what it waits for
template <class Writer>
class CommitThread {
 public:
  using Transaction = typename Writer::Transaction;

  CommitThread(RealLoop& loop, Writer& writer) : answers_(loop), writer_(writer) {
    thread_ = std::thread([this] { run(); });
  }
  CommitThread(const CommitThread&) = delete;

  // Writes what still waits. The flows that await it must be gone.
  ~CommitThread() {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wakeup_.notify_one();
    writer_.stopping();
    thread_.join();
  }

  Task<Expected<>> commit(Transaction transaction) {
    auto call = answers_.open();
    enqueue(call.id(), std::move(transaction));
    Expected<> written = co_await call.wait();
    ++(written ? committed_ : refused_);
    co_return written;
  }

  StoreCounts counts() {
    std::lock_guard lock(mutex_);
    return {groups_, committed_, refused_, waiting_.size()};
  }

 private:
  struct Waiting {
    uint64_t call;
    Transaction transaction;
  };
  using Answers = ThreadAnswers<Expected<>>;

  // How long the writer must have nothing to do before it is told.
  static constexpr std::chrono::milliseconds kIdle{200};

  void enqueue(uint64_t call, Transaction transaction) {
    std::unique_lock lock(mutex_);
    waiting_.push_back({call, std::move(transaction)});
    bool wake = std::exchange(sleeping_, false);
    lock.unlock();
    if (wake) wakeup_.notify_one();
  }

  void run() {
    std::vector<Waiting> group;
    while (take_group(group)) {
      answers_.post(write(group));
      group.clear();
      writer_.after_group();
    }
  }

  // Sleeps until there is something; false when there is nothing and never will be.
  bool take_group(std::vector<Waiting>& group) {
    std::unique_lock lock(mutex_);
    bool idle_work = true;
    while (waiting_.empty() && !stop_) {
      sleeping_ = true;
      auto ready = [this] { return !waiting_.empty() || stop_; };
      if (!idle_work) {
        wakeup_.wait(lock, ready);
      } else if (!wakeup_.wait_for(lock, kIdle, ready)) {
        lock.unlock();
        writer_.when_idle();
        idle_work = false;
        lock.lock();
      }
    }
    sleeping_ = false;
    group.swap(waiting_);
    if (!group.empty()) groups_.add(static_cast<int64_t>(group.size()));
    return !group.empty();
  }

  std::vector<typename Answers::Answered> write(const std::vector<Waiting>& group) {
    std::vector<const Transaction*> transactions;
    transactions.reserve(group.size());
    for (const Waiting& waiting : group) transactions.push_back(&waiting.transaction);
    std::vector<Expected<>> results = writer_.write(transactions);

    std::vector<typename Answers::Answered> answers;
    answers.reserve(results.size());
    for (size_t i = 0; i < results.size(); ++i) answers.push_back({group[i].call, std::move(results[i])});
    return answers;
  }

  Answers answers_;
  Writer& writer_;
  uint64_t committed_ = 0, refused_ = 0;  // the loop's

  std::mutex mutex_;  // guards what follows
  std::condition_variable wakeup_;
  SizeCounts groups_;
  std::vector<Waiting> waiting_;
  bool sleeping_ = false;
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace kilonova
