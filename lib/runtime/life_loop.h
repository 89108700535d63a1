// LifeLoop: the loop of something that ends before its loop does, such as a core that another one follows in the same
// process. What NodeLoop is to a simulated life: destroying it ends that life, and nothing that it had posted or set ever
// runs. Same thread as the loop below.
#pragma once

#include <memory>
#include <utility>

#include "runtime/loop.h"

namespace kilonova {

class LifeLoop final : public Loop {
 public:
  // `below` must outlive it.
  explicit LifeLoop(Loop& below) : below_(below) {}
  // What lives on the loop (scopes, locks) must be gone.
  ~LifeLoop() override { *alive_ = false; }

  Instant now() const override { return below_.now(); }
  WallTime wall_now() const override { return below_.wall_now(); }
  void post(Callback callback) override { below_.post(of_this_life(std::move(callback))); }
  void wake(Wakeup& entry) override { below_.wake(entry); }
  void at_drain(Callback callback) override { below_.at_drain(of_this_life(std::move(callback))); }
  TimerId call_at(Instant instant, Callback callback) override {
    return below_.call_at(instant, of_this_life(std::move(callback)));
  }
  void cancel(TimerId timer) override { below_.cancel(timer); }

 private:
  Callback of_this_life(Callback callback) const {
    return [alive = alive_, callback = std::move(callback)]() mutable {
      if (*alive) callback();
    };
  }

  Loop& below_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kilonova
