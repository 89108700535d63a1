#include "runtime/virtual_loop.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace kilonova {

VirtualLoop::~VirtualLoop() {
  KN_CHECK(!running_, "a loop was destroyed by one of its own callbacks");
  while (!queue_.idle() || timers_.next()) {
    queue_.clear();
    timers_.clear();
  }
}

bool VirtualLoop::step() { return step_until(Instant{INT64_MAX}); }

void VirtualLoop::run_until(Instant instant) {
  while (step_until(instant)) continue;
  now_ = std::max(now_, instant);
}

void VirtualLoop::run_until_idle() {
  while (step()) continue;
}

bool VirtualLoop::step_until(Instant last) {
  KN_CHECK(!running_, "a loop was run from one of its own callbacks");
  if (queue_.idle()) {
    std::optional<Instant> next = timers_.next();
    if (!next || *next > last) return false;
    now_ = std::max(now_, *next);
    timers_.take_due(now_, queue_);
  }
  running_ = true;
  queue_.run_one();
  running_ = false;
  return true;
}

}  // namespace kilonova
