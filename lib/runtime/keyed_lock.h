// KeyedLock: one flow at a time for each key (an instance's uuid, a host's name), kept across suspensions.
// First come, first served; a key that nobody holds takes no memory.
#pragma once

#include <coroutine>
#include <functional>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/hash_map.h"
#include "runtime/loop.h"
#include "runtime/waiter.h"
#include "runtime/wakeup.h"

namespace kilonova {

// Loop thread only. Must outlive its guards and the flows that wait. A lock that was handed to a flow which is
// destroyed before it goes on passes to the next in line. Not recursive: who acquires a key twice waits for ever.
template <class Key, class Hash = std::hash<Key>>
class KeyedLock {
 public:
  // Releases the key when destroyed. The default-made and the moved-from one hold nothing.
  class [[nodiscard]] Guard {
   public:
    Guard() = default;
    Guard(Guard&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)), key_(std::move(other.key_)) {}
    Guard& operator=(Guard&& other) noexcept {
      if (this != &other) {
        release();
        lock_ = std::exchange(other.lock_, nullptr);
        key_ = std::move(other.key_);
      }
      return *this;
    }
    ~Guard() { release(); }

    bool held() const { return lock_ != nullptr; }
    void release() {
      if (lock_ != nullptr) std::exchange(lock_, nullptr)->pass_on(*key_);
    }

   private:
    friend class KeyedLock;
    Guard(KeyedLock* lock, Key key) : lock_(lock), key_(std::move(key)) {}
    KeyedLock* lock_ = nullptr;
    std::optional<Key> key_;
  };

  class [[nodiscard]] Acquire final : public Waiter {
   public:
    ~Acquire() override {
      leave_queue();
      if (granted_) lock_.pass_on(key_);
    }

    bool await_ready() {
      granted_ = lock_.waiting_.insert(key_, WakeupList());
      return granted_;
    }
    template <class P>
    void await_suspend(std::coroutine_handle<P> frame) {
      suspend(frame);
      lock_.waiting_.find(key_)->push_back(*this);
    }
    Guard await_resume() {
      granted_ = false;
      return Guard(&lock_, std::move(key_));
    }

   private:
    friend class KeyedLock;
    Acquire(KeyedLock& lock, Key key) : lock_(lock), key_(std::move(key)) {}
    KeyedLock& lock_;
    Key key_;
    bool granted_ = false;  // holds the key, and await_resume has not taken it over
  };

  explicit KeyedLock(Loop& loop) : loop_(loop) {}
  KeyedLock(const KeyedLock&) = delete;
  KeyedLock& operator=(const KeyedLock&) = delete;
  ~KeyedLock() { KN_CHECK(waiting_.empty(), "a lock died before the flows that use it"); }

  // auto guard = co_await lock.acquire(uuid);
  Acquire acquire(Key key) { return Acquire(*this, std::move(key)); }
  // True while a flow holds the key, or it was handed to one that has not gone on yet.
  bool held(const Key& key) const { return waiting_.contains(key); }
  // Keys held now.
  size_t size() const { return waiting_.size(); }

 private:
  void pass_on(const Key& key) {
    WakeupList* waiting = waiting_.find(key);
    if (waiting->empty()) {
      waiting_.erase(key);
      return;
    }
    auto& next = static_cast<Acquire&>(waiting->pop_front());
    next.granted_ = true;
    loop_.wake(next);
  }

  Loop& loop_;
  HashMap<Key, WakeupList, Hash> waiting_;  // an entry for each key that is held, with those who wait for it
};

}  // namespace kilonova
