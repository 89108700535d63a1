#include "compute-node/core/step_gates.h"

namespace kilonova::compute {

// In the frame of the flow that waits.
struct StepGates::Waiting {
  Waiting(StepGates& owner, const HostInstance& at, std::string what)
      : gates(owner), key(at), step(std::move(what)), goes_on(owner.loop_) {
    gates.waiting_[key] = this;
  }
  ~Waiting() {
    auto it = gates.waiting_.find(key);
    if (it != gates.waiting_.end() && it->second == this) gates.waiting_.erase(it);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  StepGates& gates;
  const HostInstance key;
  const std::string step;
  Event goes_on;
};

Task<void> StepGates::pass(HostInstance key, std::string step) {
  Waiting waiting(*this, key, std::move(step));
  co_await waiting.goes_on.wait();
}

std::optional<std::string> StepGates::let_go(const Uuid& instance) {
  for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
    if (it->first.instance != instance) continue;
    Waiting& waiting = *it->second;
    waiting_.erase(it);
    waiting.goes_on.set();
    return waiting.step;
  }
  return std::nullopt;
}

}  // namespace kilonova::compute
