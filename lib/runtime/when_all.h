// when_all: several flows at once, awaited together.
#pragma once

#include <coroutine>
#include <cstddef>
#include <utility>
#include <vector>

#include "runtime/loop.h"
#include "runtime/task.h"
#include "runtime/waiter.h"

namespace kilonova {

namespace detail {

// Starts the tasks in order; the awaiting frame goes on, through the loop, when the last of them is finished.
template <class T>
class JoinAll final : public Waiter, private Join {
 public:
  JoinAll(Loop& loop, std::vector<Task<T>>& tasks) : loop_(loop), tasks_(tasks), left_(tasks.size()) {}
  ~JoinAll() override = default;

  bool await_ready() const noexcept { return tasks_.empty(); }
  template <class P>
  void await_suspend(std::coroutine_handle<P> frame) {
    suspend(frame);
    for (Task<T>& task : tasks_) {
      TaskAccess::start(task, flow()).join = this;
      TaskAccess::frame(task).resume();
    }
  }
  void await_resume() const noexcept {}

 private:
  void task_finished() override {
    if (--left_ == 0) loop_.wake(*this);
  }

  Loop& loop_;
  std::vector<Task<T>>& tasks_;
  size_t left_;
};

}  // namespace detail

// The results in the order of the tasks. The tasks start in order when the result is awaited, and die with it.
template <class T>
Task<std::vector<T>> when_all(Loop& loop, std::vector<Task<T>> tasks) {
  co_await detail::JoinAll<T>(loop, tasks);
  std::vector<T> results;
  results.reserve(tasks.size());
  for (Task<T>& task : tasks) results.push_back(detail::TaskAccess::take_value(task));
  tasks.clear();
  co_return results;
}

inline Task<void> when_all(Loop& loop, std::vector<Task<void>> tasks) {
  co_await detail::JoinAll<void>(loop, tasks);
  tasks.clear();
}

}  // namespace kilonova
