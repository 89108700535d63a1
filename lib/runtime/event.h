// Event: a condition that flows can wait for: true from set() to clear().
#pragma once

#include <coroutine>

#include "base/check.h"
#include "runtime/loop.h"
#include "runtime/waiter.h"
#include "runtime/wakeup.h"

namespace kilonova {

// Loop thread only. Must outlive the flows that wait.
class Event {
 public:
  class [[nodiscard]] Wait final : public Waiter {
   public:
    bool await_ready() const noexcept { return event_.is_set_; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> frame) {
      suspend(frame);
      event_.waiting_.push_back(*this);
    }
    void await_resume() const noexcept {}

   private:
    friend class Event;
    explicit Wait(Event& event) : event_(event) {}
    Event& event_;
  };

  explicit Event(Loop& loop) : loop_(loop) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { KN_CHECK(waiting_.empty(), "an event died before the flows that wait for it"); }

  // Wakes all who wait, in the order in which they came.
  void set() {
    is_set_ = true;
    while (!waiting_.empty()) loop_.wake(waiting_.pop_front());
  }
  void clear() { is_set_ = false; }
  bool is_set() const { return is_set_; }

  // co_await event.wait(); whoever was woken goes on even if the event was cleared since: look again where it matters.
  Wait wait() { return Wait(*this); }

 private:
  Loop& loop_;
  WakeupList waiting_;
  bool is_set_ = false;
};

}  // namespace kilonova
