#include "runtime/node_loop.h"

#include <optional>
#include <utility>

namespace kilonova {

NodeLoop::~NodeLoop() {
  KN_CHECK(!running_, "a node was destroyed by one of its own callbacks; post its death to the world's loop");
  while (!queue_.idle() || timers_.next()) {
    queue_.clear();
    timers_.clear();
  }
  world_.cancel(world_timer_);
}

void NodeLoop::post(Callback callback) {
  queue_.post(std::move(callback));
  ask_for_turn();
}

void NodeLoop::wake(Wakeup& entry) {
  queue_.wake(entry);
  ask_for_turn();
}

void NodeLoop::at_drain(Callback callback) {
  queue_.at_drain(std::move(callback));
  ask_for_turn();
}

TimerId NodeLoop::call_at(Instant instant, Callback callback) {
  TimerId timer = timers_.add(instant, std::move(callback));
  follow_timers();
  return timer;
}

void NodeLoop::cancel(TimerId timer) {
  timers_.cancel(timer);
  follow_timers();
}

void NodeLoop::ask_for_turn() {
  if (!running_ && !paused_ && !turn_.queued()) world_.wake(turn_);
}

void NodeLoop::resume() {
  paused_ = false;
  if (!queue_.idle()) ask_for_turn();
}

void NodeLoop::run_turn() {
  if (paused_) return;
  running_ = true;
  queue_.run_one();
  running_ = false;
  if (!queue_.idle()) ask_for_turn();
}

// Keeps the one timer in the world at the earliest of the node's.
void NodeLoop::follow_timers() {
  std::optional<Instant> next = timers_.next();
  if (world_timer_ != 0 && next == world_timer_instant_) return;
  world_.cancel(std::exchange(world_timer_, 0));
  if (!next) return;
  world_timer_instant_ = *next;
  world_timer_ = world_.call_at(*next, [this] {
    world_timer_ = 0;
    timers_.take_due(world_.now(), queue_);
    follow_timers();
    if (!queue_.idle()) ask_for_turn();
  });
}

}  // namespace kilonova
