#include "rpc/link/link.h"

#include "base/sometimes.h"

namespace kilonova {

LinkReceiver::Arrival LinkReceiver::arrive(uint64_t number) {
  if (number <= applied_) {
    KN_SOMETIMES("link: a message arrives again");
    return Arrival::kRepeat;
  }
  if (number > applied_ + 1) {
    KN_SOMETIMES("link: a message is missing");
    return Arrival::kGap;
  }
  applied_ = number;
  return Arrival::kNext;
}

void Link::reset(Incarnation peer) {
  peer_ = peer;
  sender_.reset();
  receiver_.reset();
}

std::optional<LinkFrame> Link::next_frame(size_t max_messages) {
  LinkFrame frame;
  LinkSender::Batch batch = sender_.take(max_messages, [&frame](const Message& message) {
    frame.messages.push_back(message);
    return LinkSender::Offer::kTaken;
  });
  if (batch.count == 0 && receiver_.unacknowledged() == 0) return std::nullopt;
  frame.first_number = batch.first_number;
  frame.ack = receiver_.acknowledge();
  return frame;
}

}  // namespace kilonova
