// Wakeup: an entry of a queue that lives inside the thing to be woken, so that waking allocates nothing and an entry
// whose owner dies leaves whatever queue it is in. The same links serve a primitive's waiting list and, once it is
// woken, the loop's ready queue: an entry is in one of them at a time. Loop thread only.
#pragma once

#include "base/check.h"

namespace kilonova {

class WakeupList;

namespace detail {

// A link of a circular list; unlinking needs no access to the list.
class WakeupLink {
 public:
  WakeupLink() = default;
  WakeupLink(const WakeupLink&) = delete;
  WakeupLink& operator=(const WakeupLink&) = delete;

 protected:
  friend class kilonova::WakeupList;
  ~WakeupLink() { unlink(); }

  bool linked() const { return next_ != this; }
  void unlink() {
    previous_->next_ = next_;
    next_->previous_ = previous_;
    next_ = previous_ = this;
  }

  WakeupLink* next_ = this;
  WakeupLink* previous_ = this;
};

}  // namespace detail

class Wakeup : public detail::WakeupLink {
 public:
  virtual ~Wakeup() = default;

  // Called by the loop with the entry already unlinked; may destroy *this.
  virtual void run() = 0;
  // Called instead of run() when the loop is destroyed first, already unlinked. What owns itself frees itself here.
  virtual void drop() {}

  bool queued() const { return linked(); }
  void leave_queue() { unlink(); }
};

// FIFO of entries it does not own. Moving it takes the entries along.
class WakeupList {
 public:
  WakeupList() = default;
  WakeupList(WakeupList&& other) noexcept { splice(other); }
  WakeupList& operator=(WakeupList&& other) noexcept {
    KN_CHECK(empty(), "a list with entries was overwritten");
    splice(other);
    return *this;
  }
  ~WakeupList() {
    while (!empty()) head_.next_->unlink();
  }

  bool empty() const { return !head_.linked(); }

  void push_back(Wakeup& entry) {
    KN_CHECK(!entry.queued(), "an entry can wait in one queue at a time");
    detail::WakeupLink& link = entry;
    link.previous_ = head_.previous_;
    link.next_ = &head_;
    head_.previous_->next_ = &link;
    head_.previous_ = &link;
  }

  // The list must not be empty.
  Wakeup& pop_front() {
    detail::WakeupLink* link = head_.next_;
    link->unlink();
    return static_cast<Wakeup&>(*link);
  }

 private:
  struct Head : detail::WakeupLink {};

  // Appends all of other's entries, in order; other is empty afterwards.
  void splice(WakeupList& other) {
    if (other.empty()) return;
    detail::WakeupLink* first = other.head_.next_;
    detail::WakeupLink* last = other.head_.previous_;
    other.head_.next_ = other.head_.previous_ = &other.head_;
    first->previous_ = head_.previous_;
    head_.previous_->next_ = first;
    last->next_ = &head_;
    head_.previous_ = last;
  }

  Head head_;
};

}  // namespace kilonova
