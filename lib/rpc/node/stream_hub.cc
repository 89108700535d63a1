#include "rpc/node/stream_hub.h"

#include <utility>

#include "rpc/node/stream.h"

namespace kilonova {

bool StreamHub::post(Callback callback) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  loop_.post_from_any_thread(std::move(callback));
  return true;
}

bool StreamHub::enter(StreamPtr stream) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  streams_.insert(std::move(stream));
  return true;
}

void StreamHub::leave(StreamPtr stream, void (*last_event)(const StreamPtr& stream, StreamEvents& events)) {
  std::lock_guard lock(mutex_);
  streams_.erase(stream);
  if (closed_) {
    left_.push_back(std::move(stream));
    if (streams_.empty()) emptied_.notify_all();
    return;
  }
  loop_.post_from_any_thread([this, stream = std::move(stream), last_event] {
    if (events_ != nullptr) last_event(stream, *events_);
  });
}

std::vector<StreamPtr> StreamHub::close() {
  events_ = nullptr;
  std::lock_guard lock(mutex_);
  closed_ = true;
  return {streams_.begin(), streams_.end()};
}

void StreamHub::wait_until_empty() {
  std::vector<StreamPtr> left;
  std::unique_lock lock(mutex_);
  emptied_.wait(lock, [this] { return streams_.empty(); });
  left.swap(left_);
  lock.unlock();
}

}  // namespace kilonova
