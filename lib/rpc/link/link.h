// Link: both directions between this process's incarnation and one incarnation of a peer, over any number of connections
// that break. Each message arrives once and in the order sent, as ports/transport.h promises; a new incarnation begins anew.
// Knows nothing of how frames travel: the gRPC node and the simulated network both drive it. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "domain/messages.h"
#include "rpc/link/link_sender.h"

namespace kilonova {

// The receiving half: which numbers were applied.
class LinkReceiver {
 public:
  enum class Arrival {
    kNext,    // apply it; it counts as applied from now on
    kRepeat,  // was applied before
    kGap,     // one before it is missing: nothing after it may be applied until it was sent again
  };

  Arrival arrive(uint64_t number);
  // The highest number applied.
  uint64_t applied() const { return applied_; }
  // How many were applied since the last acknowledge().
  uint64_t unacknowledged() const { return applied_ - acknowledged_; }
  // The number for a frame that is about to leave.
  uint64_t acknowledge() { return acknowledged_ = applied_; }
  void reset() { applied_ = acknowledged_ = 0; }

 private:
  uint64_t applied_ = 0;
  uint64_t acknowledged_ = 0;
};

// A frame as a transport without an encoding carries it.
struct LinkFrame {
  uint64_t first_number = 0;  // of messages; 0 when there are none
  uint64_t ack = 0;
  std::vector<Message> messages;
};

class Link {
 public:
  enum class Receipt {
    kApplied,  // or repeated: nothing is missing
    kGap,      // something is missing: reconnect, then both sides resume()
    kStopped,  // apply returned false; that message counts as applied, the rest was left
    kBadAck,   // acknowledges what was never sent: not the peer this link is for
  };

  explicit Link(QueueLimit limit) : sender_(limit) {}
  explicit Link(size_t messages) : sender_(messages) {}

  // The incarnation this link is for; 0 before the first reset.
  Incarnation peer() const { return peer_; }
  // It has said something, or that it has heard something: so it has known this process once.
  bool was_known() const { return sender_.acknowledged() != 0 || receiver_.applied() != 0; }
  // For a peer incarnation that was not heard before: drops what was queued for the last one.
  void reset(Incarnation peer);
  // On a new connection to the same incarnation, which has applied everything up to the number. False when it can't have.
  bool resume(uint64_t number) { return sender_.resume(number); }

  LinkSender& sender() { return sender_; }
  LinkReceiver& receiver() { return receiver_; }
  const LinkReceiver& receiver() const { return receiver_; }

  // What there is to send: messages, or else an acknowledgement that is owed, or else nothing.
  std::optional<LinkFrame> next_frame(size_t max_messages);

  // Takes a frame's acknowledgement, then gives each new message to `bool apply(Message)`, in order; false ends it there
  // (the owner was stopped meanwhile). `messages` is consumed.
  template <class Apply>
  Receipt receive(uint64_t first_number, uint64_t ack, std::vector<Message>& messages, Apply apply) {
    if (!sender_.acknowledge(ack)) return Receipt::kBadAck;
    for (size_t i = 0; i < messages.size(); ++i) {
      LinkReceiver::Arrival arrival = receiver_.arrive(first_number + i);
      if (arrival == LinkReceiver::Arrival::kGap) return Receipt::kGap;
      if (arrival == LinkReceiver::Arrival::kNext && !apply(std::move(messages[i]))) return Receipt::kStopped;
    }
    return Receipt::kApplied;
  }

 private:
  Incarnation peer_ = 0;
  LinkSender sender_;
  LinkReceiver receiver_;
};

}  // namespace kilonova
