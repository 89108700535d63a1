// Task: a flow, written as a coroutine, and its frame. Lazy: it runs when it is awaited (or spawned, scope.h).
//
//   Task<Expected<Selection>> select_destinations(RequestSpec spec);       // parameters by value: the frame owns them
//   auto selection = co_await select_destinations(spec);
//
// The Task owns the frame: destroying it at any suspension destroys the frame's locals and, through them, every flow it
// awaits. Only what lives in a Scope is ever started, and only on the loop's thread. A capturing lambda must not be a
// coroutine: its captures die before the flow does. An exception that escapes a flow is a broken invariant and aborts.
#pragma once

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace kilonova {

template <class T = void>
class Task;

namespace detail {

// A spawned flow as the frames below it see it: what they must tell before and after they run.
class FlowState {
 public:
  // Resumes a frame of this flow, then frees the flow if that was its end.
  void resume(std::coroutine_handle<> frame) {
    running_ = true;
    frame.resume();
    running_ = false;
    if (finished_) free_finished();
  }
  bool running() const { return running_; }
  void finish() { finished_ = true; }

 protected:
  ~FlowState() = default;
  virtual void free_finished() = 0;

 private:
  bool running_ = false;
  bool finished_ = false;
};

// Told when one of several tasks that run at once is finished.
class Join {
 public:
  virtual void task_finished() = 0;

 protected:
  ~Join() = default;
};

[[noreturn]] void exception_escaped_flow();

// What every frame knows: who runs it, and who is to go on after it. At most one of continuation and join is set; the
// outermost frame of a flow has neither.
struct Promise {
  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> frame) const noexcept {
      Promise& promise = frame.promise();
      if (promise.continuation) return promise.continuation;
      if (promise.join != nullptr) {
        promise.join->task_finished();
      } else {
        promise.flow->finish();
      }
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() const noexcept { exception_escaped_flow(); }

  std::coroutine_handle<> continuation;
  Join* join = nullptr;
  FlowState* flow = nullptr;
  bool started = false;
};

template <class T>
struct ValuePromise : Promise {
  void return_value(T result) { value.emplace(std::move(result)); }
  T take_value() { return std::move(*value); }
  std::optional<T> value;
};

template <>
struct ValuePromise<void> : Promise {
  void return_void() const {}
  void take_value() const {}
};

struct TaskAccess;

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
  static_assert(!std::is_reference_v<T>, "a flow returns a value: what it could refer to may be gone");

 public:
  struct promise_type : detail::ValuePromise<T> {
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
  };

  Task() = default;
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      frame_ = std::exchange(other.frame_, nullptr);
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { reset(); }

  // Destroys the frame. It must not be running.
  void reset() {
    if (frame_) std::exchange(frame_, nullptr).destroy();
  }
  // True when there is a frame, finished or not.
  explicit operator bool() const { return static_cast<bool>(frame_); }

  class Awaiter {
   public:
    explicit Awaiter(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
    bool await_ready() const noexcept { return false; }
    template <class Parent>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Parent> parent) const noexcept {
      promise_type& promise = frame_.promise();
      promise.started = true;
      promise.continuation = parent;
      promise.flow = parent.promise().flow;
      return frame_;
    }
    T await_resume() const { return frame_.promise().take_value(); }

   private:
    std::coroutine_handle<promise_type> frame_;
  };

  // A task is awaited once.
  Awaiter operator co_await() && {
    KN_CHECK(frame_ && !frame_.promise().started, "a task can be awaited once");
    return Awaiter(frame_);
  }

 private:
  friend struct detail::TaskAccess;
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

  std::coroutine_handle<promise_type> frame_;
};

namespace detail {

// How scopes, time-outs and joins start a task they own and take its result.
struct TaskAccess {
  template <class T>
  static typename Task<T>::promise_type& start(Task<T>& task, FlowState* flow) {
    KN_CHECK(task.frame_ && !task.frame_.promise().started, "a task can be started once");
    typename Task<T>::promise_type& promise = task.frame_.promise();
    promise.started = true;
    promise.flow = flow;
    return promise;
  }
  template <class T>
  static std::coroutine_handle<> frame(const Task<T>& task) {
    return task.frame_;
  }
  template <class T>
  static bool finished(const Task<T>& task) {
    return task.frame_.done();
  }
  template <class T>
  static T take_value(Task<T>& task) {
    return task.frame_.promise().take_value();
  }
};

}  // namespace detail

}  // namespace kilonova
