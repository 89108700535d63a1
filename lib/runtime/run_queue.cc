#include "runtime/run_queue.h"

#include <utility>

namespace kilonova {

void RunQueue::Posted::run() {
  // Recycled first: the callback may well post again.
  Callback to_run = std::move(callback);
  queue_->free_.push_back(this);
  to_run();
}

void RunQueue::Posted::drop() {
  Callback to_destroy = std::move(callback);
  queue_->free_.push_back(this);
}

void RunQueue::post(Callback callback) {
  KN_CHECK(static_cast<bool>(callback), "an empty callback was posted");
  if (free_.empty()) free_.push_back(&posted_.emplace_back(this));
  Posted* posted = free_.back();
  free_.pop_back();
  posted->callback = std::move(callback);
  ready_.push_back(*posted);
}

bool RunQueue::run_one() {
  if (!ready_.empty()) {
    ready_.pop_front().run();
    return true;
  }
  if (!drains_.empty()) {
    Callback to_run = std::move(drains_.front());
    drains_.pop_front();
    to_run();
    return true;
  }
  return false;
}

void RunQueue::clear() {
  while (!idle()) {
    while (!ready_.empty()) ready_.pop_front().drop();
    std::deque<Callback> drains = std::move(drains_);
    drains_.clear();
  }
}

}  // namespace kilonova
