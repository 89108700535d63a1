// Awaitables that need nobody but the loop: let time pass, let others run.
#pragma once

#include <coroutine>
#include <utility>

#include "runtime/loop.h"
#include "runtime/waiter.h"

namespace kilonova {

namespace detail {

class Sleep final : public Waiter {
 public:
  Sleep(Loop& loop, Duration delay) : loop_(loop), delay_(delay) {}
  ~Sleep() override { loop_.cancel(timer_); }

  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> frame) {
    suspend(frame);
    timer_ = loop_.call_after(delay_, [this] {
      timer_ = 0;
      run();
    });
  }
  void await_resume() const noexcept {}

 private:
  Loop& loop_;
  Duration delay_;
  TimerId timer_ = 0;
};

class Yield final : public Waiter {
 public:
  explicit Yield(Loop& loop) : loop_(loop) {}

  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> frame) {
    suspend(frame);
    loop_.wake(*this);
  }
  void await_resume() const noexcept {}

 private:
  Loop& loop_;
};

}  // namespace detail

// co_await sleep_for(loop, seconds(10)); a delay of zero or less still lets everything that is ready run first.
[[nodiscard]] inline detail::Sleep sleep_for(Loop& loop, Duration delay) { return detail::Sleep(loop, delay); }

// co_await yield(loop): goes on after everything that is ready now.
[[nodiscard]] inline detail::Yield yield(Loop& loop) { return detail::Yield(loop); }

}  // namespace kilonova
