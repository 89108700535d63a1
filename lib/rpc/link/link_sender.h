// LinkSender: what one process has for one incarnation of another. The tail waits to be sent; the head was sent and is kept
// until it is acknowledged, because a broken connection may have lost it. Not thread-safe: lives on the owner's loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <type_traits>

#include "base/check.h"
#include "base/hash_map.h"
#include "domain/messages.h"

namespace kilonova {

// What may be held for one peer, sent and unsent together.
struct QueueLimit {
  size_t messages = 0;
  // Of all but the first kUnweighed; a queue that is short is not worth the work. As `weigh` counts them where more than
  // kUnweighed were never sent, or else as their frame does.
  size_t bytes = SIZE_MAX;
  size_t (*weigh)(const Message&) = nullptr;
  static constexpr size_t kUnweighed = 256;
};

class LinkSender {
 public:
  // What became of a message offered for a frame.
  enum class Offer {
    kTaken,
    kFrameFull,  // stays first in line
    kDropped,    // can never be sent; only for one that has no number yet
  };
  struct Batch {
    uint64_t first_number = 0;  // 0 when count is 0
    size_t count = 0;
  };

  explicit LinkSender(QueueLimit limit) : limit_(limit) {}
  explicit LinkSender(size_t messages) : limit_{.messages = messages} {}
  LinkSender(const LinkSender&) = delete;
  LinkSender& operator=(const LinkSender&) = delete;

  // Queues at the end. Progress of a placement that was not sent yet is taken out when the message supersedes it
  // (domain/messages.h); what was sent is never touched. False when the limit is reached: nothing is changed.
  bool push(Message message);

  // Offers the messages to be sent, oldest first, as `Offer offer(const Message&)`, at most max_count, until one does not
  // fit. Those taken get consecutive numbers and wait for their acknowledgement. `Offer offer(const Message&, size_t& bytes)`
  // also says how long it came out.
  template <class OfferFunction>
  Batch take(size_t max_count, OfferFunction offer) {
    Batch batch;
    while (batch.count < max_count && next_ != entries_.end()) {
      size_t bytes = 0;
      Offer outcome = offered(offer, next_->message, bytes);
      if (outcome == Offer::kFrameFull) break;
      if (outcome == Offer::kDropped) {
        drop_next();
        continue;
      }
      count_bytes(bytes);
      uint64_t number = number_next();
      if (batch.count++ == 0) batch.first_number = number;
    }
    return batch;
  }

  // The other side applied everything up to the number. False, and nothing is changed, when that was never sent.
  bool acknowledge(uint64_t number);
  // On a new connection to the same incarnation: as acknowledge(), and what follows the number is sent again.
  bool resume(uint64_t number);
  // For a new incarnation: everything queued is dropped, numbers begin at 1.
  void reset();

  bool has_unsent() const { return next_ != entries_.end(); }
  size_t size() const { return entries_.size(); }
  uint64_t last_number() const { return last_number_; }
  // The highest number that the other side has said to have applied.
  uint64_t acknowledged() const { return acknowledged_; }

 private:
  struct Entry {
    uint64_t number = 0;  // 0 until it is first sent
    size_t bytes = 0;     // 0 where it does not count, or is not known yet
    bool counts = false;  // towards the limit of bytes
    Message message;
  };
  using Entries = std::list<Entry>;
  struct HashPlacement {
    size_t operator()(const PlacementId& placement) const noexcept {
      return std::hash<Uuid>{}(placement.instance) ^ (placement.epoch * 0x9e3779b97f4a7c15ULL);
    }
  };

  template <class OfferFunction>
  static Offer offered(OfferFunction& offer, const Message& message, size_t& bytes) {
    if constexpr (std::is_invocable_v<OfferFunction&, const Message&, size_t&>)
      return offer(message, bytes);
    else
      return offer(message);
  }

  // False where there is no room for it.
  bool weigh(const Message& message, Entry& entry) const;
  void count_bytes(size_t bytes);
  uint64_t number_next();
  void drop_next();
  void forget_progress(Entries::iterator entry);
  void erase(Entries::iterator entry);

  QueueLimit limit_;
  size_t bytes_ = 0;       // of all that count and are known
  size_t never_sent_ = 0;  // how many have no number
  Entries entries_;
  Entries::iterator next_ = entries_.end();  // the first to be sent; end() when there is none
  // The last unsent progress of each placement. A list keeps these iterators valid while others come and go.
  HashMap<PlacementId, Entries::iterator, HashPlacement> progress_;
  uint64_t last_number_ = 0;
  uint64_t acknowledged_ = 0;
};

}  // namespace kilonova
