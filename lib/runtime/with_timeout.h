// with_timeout: a flow that is given up when it takes too long.
#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/loop.h"
#include "runtime/task.h"
#include "runtime/waiter.h"

namespace kilonova {

namespace detail {

// Runs a task below the awaiting frame, which goes on at its end or at the time limit.
template <class T>
class TimeLimit final : public Waiter {
 public:
  TimeLimit(Loop& loop, Duration limit, Task<T>& task) : loop_(loop), limit_(limit), task_(task) {}
  ~TimeLimit() override { loop_.cancel(timer_); }

  bool await_ready() const noexcept { return false; }
  template <class P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> frame) {
    suspend(frame);
    TaskAccess::start(task_, flow()).continuation = frame;
    timer_ = loop_.call_after(limit_, [this] {
      timer_ = 0;
      run();
    });
    return TaskAccess::frame(task_);
  }
  // True when the task is finished.
  bool await_resume() {
    loop_.cancel(std::exchange(timer_, 0));
    return TaskAccess::finished(task_);
  }

 private:
  Loop& loop_;
  Duration limit_;
  Task<T>& task_;
  TimerId timer_ = 0;
};

}  // namespace detail

// The task's result, or nothing (false for Task<void>) after the time limit, when its frame has been destroyed.
// The limit starts when the result is awaited. A task that ends at the very instant of its limit may be given up.
template <class T>
Task<std::optional<T>> with_timeout(Loop& loop, Duration limit, Task<T> task) {
  bool finished = co_await detail::TimeLimit<T>(loop, limit, task);
  std::optional<T> result;
  if (finished) result.emplace(detail::TaskAccess::take_value(task));
  task.reset();
  co_return result;
}

inline Task<bool> with_timeout(Loop& loop, Duration limit, Task<void> task) {
  bool finished = co_await detail::TimeLimit<void>(loop, limit, task);
  task.reset();
  co_return finished;
}

}  // namespace kilonova
