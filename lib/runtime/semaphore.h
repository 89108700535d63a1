// Semaphore: at most so many flows at once (Nova: max_concurrent_builds). First come, first served.
#pragma once

#include <coroutine>
#include <cstddef>
#include <utility>

#include "base/check.h"
#include "runtime/loop.h"
#include "runtime/waiter.h"
#include "runtime/wakeup.h"

namespace kilonova {

// Loop thread only. Must outlive its permits and the flows that wait for one. A permit that was handed to a flow
// which is destroyed before it goes on passes to the next in line.
class Semaphore {
 public:
  // Gives the permit back when destroyed. The default-made and the moved-from one hold nothing.
  class [[nodiscard]] Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      if (this != &other) {
        release();
        semaphore_ = std::exchange(other.semaphore_, nullptr);
      }
      return *this;
    }
    ~Permit() { release(); }

    bool held() const { return semaphore_ != nullptr; }
    void release() {
      if (semaphore_ != nullptr) std::exchange(semaphore_, nullptr)->give_back();
    }

   private:
    friend class Semaphore;
    explicit Permit(Semaphore* semaphore) : semaphore_(semaphore) {}
    Semaphore* semaphore_ = nullptr;
  };

  class [[nodiscard]] Acquire final : public Waiter {
   public:
    ~Acquire() override {
      leave_queue();
      if (granted_) semaphore_.give_back();
    }

    bool await_ready() {
      granted_ = semaphore_.available_ > 0;
      if (granted_) --semaphore_.available_;
      return granted_;
    }
    template <class P>
    void await_suspend(std::coroutine_handle<P> frame) {
      suspend(frame);
      semaphore_.waiting_.push_back(*this);
    }
    Permit await_resume() {
      granted_ = false;
      return Permit(&semaphore_);
    }

   private:
    friend class Semaphore;
    explicit Acquire(Semaphore& semaphore) : semaphore_(semaphore) {}
    Semaphore& semaphore_;
    bool granted_ = false;  // holds a permit that await_resume has not taken over
  };

  Semaphore(Loop& loop, size_t permits) : loop_(loop), permits_(permits), available_(permits) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  ~Semaphore() {
    KN_CHECK(waiting_.empty() && available_ == permits_, "a semaphore died before the flows that use it");
  }

  // auto permit = co_await semaphore.acquire();
  Acquire acquire() { return Acquire(*this); }
  // Permits nobody holds. More than 0 only while nobody waits.
  size_t available() const { return available_; }

 private:
  void give_back() {
    if (waiting_.empty()) {
      ++available_;
      return;
    }
    auto& next = static_cast<Acquire&>(waiting_.pop_front());
    next.granted_ = true;
    loop_.wake(next);
  }

  Loop& loop_;
  const size_t permits_;
  size_t available_;
  WakeupList waiting_;
};

}  // namespace kilonova
