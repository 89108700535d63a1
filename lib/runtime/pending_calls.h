// PendingCalls: answers that come from outside (a peer, a disk thread), found by operation id, never by a pointer to a
// frame: an answer to a flow that is gone is told so and dropped.
#pragma once

#include <cstdint>
#include <utility>

#include "base/check.h"
#include "base/hash_map.h"
#include "runtime/loop.h"
#include "runtime/one_shot.h"

namespace kilonova {

// Loop thread only: other threads post the completion to the loop. Must outlive its calls.
template <class T>
class PendingCalls {
 public:
  // An open operation, owned by the flow that awaits its answer; destroying it closes the operation.
  class [[nodiscard]] Call {
   public:
    // Not while a flow waits.
    Call(Call&& other) noexcept
        : calls_(std::exchange(other.calls_, nullptr)), id_(other.id_), answer_(std::move(other.answer_)) {
      if (calls_ != nullptr) *calls_->open_.find(id_) = this;
    }
    Call& operator=(Call&&) = delete;
    ~Call() {
      if (calls_ != nullptr) calls_->open_.erase(id_);
    }

    // Not 0, and never the same again within one PendingCalls.
    uint64_t id() const { return id_; }
    // std::optional<T> answer = co_await call.wait_for(limit); nothing when none came in time. May be repeated then.
    typename OneShot<T>::WaitFor wait_for(Duration limit) { return answer_.wait_for(limit); }
    // T answer = co_await call.wait(); for who always answers: the daemon's own disk.
    typename OneShot<T>::WaitAlways wait() { return answer_.wait(); }

   private:
    friend class PendingCalls;
    Call(PendingCalls& calls, uint64_t id) : calls_(&calls), id_(id), answer_(calls.loop_) {
      calls.open_.insert(id, this);
    }
    PendingCalls* calls_;
    uint64_t id_;
    OneShot<T> answer_;
  };

  explicit PendingCalls(Loop& loop) : loop_(loop) {}
  PendingCalls(const PendingCalls&) = delete;
  PendingCalls& operator=(const PendingCalls&) = delete;
  ~PendingCalls() { KN_CHECK(open_.empty(), "pending calls died before the flows that wait for them"); }

  Call open() { return Call(*this, next_id_++); }
  // False when the call is closed, was answered before, or never was.
  bool complete(uint64_t id, T answer) {
    Call** call = open_.find(id);
    return call != nullptr && (*call)->answer_.set(std::move(answer));
  }
  // Calls opened and not closed.
  size_t size() const { return open_.size(); }

 private:
  Loop& loop_;
  HashMap<uint64_t, Call*> open_;
  uint64_t next_id_ = 1;
};

}  // namespace kilonova
