// ReadThread: queries on a read-only connection, off the loop and beside the writer.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"
#include "runtime/callback.h"
#include "runtime/real_loop.h"
#include "runtime/task.h"
#include "store/thread_answers.h"

namespace kilonova {

// Created and destroyed on the loop thread; the connection is its thread's alone, but for stopping(), where it has
// that: there is an end to what it waits for.
template <class Connection>
class ReadThread {
 public:
  explicit ReadThread(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {
    thread_ = std::thread([this] { run(); });
  }
  // Queries that wait are dropped; the flows that await them must be gone.
  ~ReadThread() {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wakeup_.notify_one();
    if constexpr (requires { connection_->stopping(); }) connection_->stopping();
    thread_.join();
  }
  ReadThread(const ReadThread&) = delete;

  // Any work on the connection, in order.
  void post(Callback work) {
    {
      std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(work));
    }
    wakeup_.notify_one();
  }
  Connection& connection() { return *connection_; }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wakeup_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
      if (stop_) return;
      Callback work = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      work();
      work.reset();
      lock.lock();
    }
  }

  std::unique_ptr<Connection> connection_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wakeup_;
  std::deque<Callback> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

// Queries of one kind of result. Loop thread. A query begins after the call, so it sees every commit answered before.
template <class Connection, class Result>
class Reads {
 public:
  using Query = std::function<Expected<Result>(Connection&)>;

  Reads(RealLoop& loop, ReadThread<Connection>& thread) : answers_(loop), thread_(thread) {}

  Task<Expected<Result>> read(Query query) {
    auto call = answers_.open();
    post(call.id(), std::move(query));
    co_return co_await call.wait();
  }

 private:
  void post(uint64_t id, Query query) {
    thread_.post([this, id, query = std::move(query)] {
      std::vector<typename ThreadAnswers<Expected<Result>>::Answered> answers;
      answers.push_back({id, query(thread_.connection())});
      answers_.post(std::move(answers));
    });
  }

  ThreadAnswers<Expected<Result>> answers_;
  ReadThread<Connection>& thread_;
};

}  // namespace kilonova
