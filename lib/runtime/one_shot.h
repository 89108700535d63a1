// OneShot: a value that is set once, and one flow that takes it.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "base/check.h"
#include "runtime/loop.h"
#include "runtime/waiter.h"

namespace kilonova {

// Loop thread only. Must outlive the flow that waits; may be moved while none does.
template <class T>
class OneShot {
  class Wait : public Waiter {
   public:
    ~Wait() override {
      shot_.loop_->cancel(timer_);
      if (shot_.waiter_ == this) shot_.waiter_ = nullptr;
    }

    bool await_ready() const noexcept { return shot_.value_.has_value(); }
    template <class P>
    void await_suspend(std::coroutine_handle<P> frame) {
      KN_CHECK(shot_.waiter_ == nullptr, "a second flow waits for a value that one can take");
      KN_CHECK(!shot_.taken_, "a flow waits for a value that was taken");
      suspend(frame);
      shot_.waiter_ = this;
      if (!limit_) return;
      timer_ = shot_.loop_->call_after(*limit_, [this] {
        timer_ = 0;
        run();
      });
    }

   protected:
    Wait(OneShot& shot, std::optional<Duration> limit) : shot_(shot), limit_(limit) {}

    std::optional<T> take() {
      if (!shot_.value_) return std::nullopt;
      shot_.taken_ = true;
      return std::exchange(shot_.value_, std::nullopt);
    }

   private:
    friend class OneShot;
    OneShot& shot_;
    std::optional<Duration> limit_;
    TimerId timer_ = 0;
  };

 public:
  class [[nodiscard]] WaitAlways final : public Wait {
   public:
    T await_resume() { return *this->take(); }

   private:
    friend class OneShot;
    explicit WaitAlways(OneShot& shot) : Wait(shot, std::nullopt) {}
  };

  class [[nodiscard]] WaitFor final : public Wait {
   public:
    std::optional<T> await_resume() { return this->take(); }

   private:
    friend class OneShot;
    WaitFor(OneShot& shot, Duration limit) : Wait(shot, limit) {}
  };

  explicit OneShot(Loop& loop) : loop_(&loop) {}
  OneShot(OneShot&& other) noexcept : loop_(other.loop_), value_(std::move(other.value_)), taken_(other.taken_) {
    KN_CHECK(other.waiter_ == nullptr, "a value was moved away from the flow that waits for it");
    other.value_.reset();
    other.taken_ = true;
  }
  OneShot& operator=(OneShot&&) = delete;
  ~OneShot() { KN_CHECK(waiter_ == nullptr, "a value died before the flow that waits for it"); }

  // False, and nothing changes, when it was set before.
  bool set(T value) {
    if (is_set()) return false;
    value_.emplace(std::move(value));
    if (waiter_ != nullptr) {
      loop_->cancel(std::exchange(waiter_->timer_, 0));
      loop_->wake(*waiter_);
    }
    return true;
  }
  // True also after the value was taken.
  bool is_set() const { return taken_ || value_.has_value(); }

  // T value = co_await shot.wait(); the value stays in place when the flow is destroyed before it goes on.
  WaitAlways wait() { return WaitAlways(*this); }
  // Nothing after the time limit; the value can still be set then, and waited for again.
  WaitFor wait_for(Duration limit) { return WaitFor(*this, limit); }

 private:
  Loop* loop_;
  std::optional<T> value_;
  Wait* waiter_ = nullptr;
  bool taken_ = false;
};

}  // namespace kilonova
