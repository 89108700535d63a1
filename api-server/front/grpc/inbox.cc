#include "api-server/front/grpc/inbox.h"

#include <mutex>
#include <utility>
#include <vector>

namespace kilonova::api {

struct Inbox::State {
  explicit State(RealLoop& owner) : loop(owner) {}

  void drain() {
    std::vector<Callback> taken;
    {
      std::lock_guard lock(mutex);
      taken.swap(waiting);
    }
    for (Callback& callback : taken) {
      callback();
      callback.reset();
    }
  }

  RealLoop& loop;
  std::mutex mutex;  // guards what follows
  std::vector<Callback> waiting;
  bool closed = false;
};

Inbox::Inbox(RealLoop& loop) : state_(std::make_shared<State>(loop)) {}

Inbox::~Inbox() { close(); }

void Inbox::submit(Callback callback) {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->closed) return;  // the callback is destroyed after the lock is released
    state_->waiting.push_back(std::move(callback));
    if (state_->waiting.size() > 1) return;
  }
  state_->loop.post_from_any_thread([state = state_] { state->drain(); });
}

void Inbox::close() {
  std::vector<Callback> dropped;  // destroyed after the lock is released: that ends calls
  std::lock_guard lock(state_->mutex);
  state_->closed = true;
  dropped.swap(state_->waiting);
}

}  // namespace kilonova::api
