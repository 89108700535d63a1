// ReadThread: queries on a read-only connection, off the loop and beside the writer.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "base/error.h"
#include "runtime/callback.h"
#include "runtime/real_loop.h"
#include "runtime/task.h"
#include "store/sqlite.h"
#include "store/thread_answers.h"

namespace kilonova {

// Created and destroyed on the loop thread; the connection is its thread's alone.
class ReadThread {
 public:
  explicit ReadThread(std::unique_ptr<Database> database);
  // Queries that wait are dropped; the flows that await them must be gone.
  ~ReadThread();
  ReadThread(const ReadThread&) = delete;

  // Any work on the connection, in order.
  void post(Callback work);
  Database& database() { return *database_; }

 private:
  void run();

  std::unique_ptr<Database> database_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wakeup_;
  std::deque<Callback> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

// Queries of one kind of result. Loop thread. A query begins after the call, so it sees every commit answered before.
template <class Result>
class Reads {
 public:
  using Query = std::function<Expected<Result>(Database&)>;

  Reads(RealLoop& loop, ReadThread& thread) : answers_(loop), thread_(thread) {}

  Task<Expected<Result>> read(Query query) {
    auto call = answers_.open();
    post(call.id(), std::move(query));
    co_return co_await call.wait();
  }

 private:
  void post(uint64_t id, Query query) {
    thread_.post([this, id, query = std::move(query)] {
      std::vector<typename ThreadAnswers<Expected<Result>>::Answered> answers;
      answers.push_back({id, query(thread_.database())});
      answers_.post(std::move(answers));
    });
  }

  ThreadAnswers<Expected<Result>> answers_;
  ReadThread& thread_;
};

}  // namespace kilonova
