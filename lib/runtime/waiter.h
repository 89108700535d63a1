// Waiter: a suspended frame in a queue. The base of every awaiter that another party wakes: it sits in the primitive's
// waiting list, then in the loop's ready queue, and leaves either when its frame is destroyed.
#pragma once

#include <coroutine>

#include "runtime/task.h"
#include "runtime/wakeup.h"

namespace kilonova {

class Waiter : public Wakeup {
 public:
  Waiter() = default;

  // From await_suspend, with the handle it was given.
  template <class P>
  void suspend(std::coroutine_handle<P> frame) {
    frame_ = frame;
    flow_ = frame.promise().flow;
  }

  // Goes on with the frame. For the loop, and for callbacks that the loop runs.
  void run() final { flow_->resume(frame_); }

  detail::FlowState* flow() const { return flow_; }

 protected:
  ~Waiter() override = default;

 private:
  std::coroutine_handle<> frame_;
  detail::FlowState* flow_ = nullptr;
};

}  // namespace kilonova
