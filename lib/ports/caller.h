// Calls over a transport: a message that waits for its reply. A missed deadline means unknown, never failed.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "base/backoff.h"
#include "base/error.h"
#include "base/random.h"
#include "domain/messages.h"
#include "ports/call_number.h"
#include "ports/transport.h"
#include "runtime/pending_calls.h"
#include "runtime/task.h"

namespace kilonova {

// Loop thread only. Must outlive the flows that call.
class Caller {
 public:
  Caller(Loop& loop, Transport& transport) : loop_(loop), transport_(transport), pending_(loop) {}

  // kUnavailable: the peer was never connected or its queue is full, nothing was sent. kDeadlineExceeded: no reply of
  // type Reply in time; whether the peer acted is unknown.
  template <class Reply>
  Task<Expected<Reply>> call(PeerId to, Message::Body request, Duration timeout) {
    auto pending = pending_.open();
    if (!transport_.send(to, Message{call_number(transport_.incarnation(), pending.id()), std::move(request)}))
      co_return fail(ErrorCode::kUnavailable, to_string(to) + " is not connected");
    auto reply = co_await pending.wait_for(timeout);
    if (!reply || !holds_alternative<Reply>(*reply))
      co_return fail(ErrorCode::kDeadlineExceeded, to_string(to) + " did not answer in time: the outcome is unknown");
    co_return get<Reply>(std::move(*reply));
  }

  // The same for a request whose repetition is the same request: it is sent again, after pauses that `random` spreads, until
  // the deadline, to whichever incarnation is there then. Only kDeadlineExceeded, also where the peer was never connected.
  template <class Reply>
  Task<Expected<Reply>> call_repeatedly(PeerId to, Message::Body request, Duration timeout, Random& random) {
    auto pending = pending_.open();
    const uint64_t number = call_number(transport_.incarnation(), pending.id());
    const Instant deadline = loop_.now() + timeout;
    Backoff backoff(timeout, random);
    for (Duration left = timeout; left.us > 0; left = deadline - loop_.now()) {
      transport_.send(to, Message{number, request});
      auto reply = co_await pending.wait_for(std::min(left, backoff.next()));
      if (!reply) continue;
      if (!holds_alternative<Reply>(*reply)) break;
      co_return get<Reply>(std::move(*reply));
    }
    co_return fail(ErrorCode::kDeadlineExceeded, to_string(to) + " did not answer in time: the outcome is unknown");
  }

  // For every message whose body is a reply. False when nobody waits for it any more, or an earlier life did.
  bool complete(uint64_t number, Message::Body body) {
    auto call = own_call(transport_.incarnation(), number);
    return call && pending_.complete(*call, std::move(body));
  }

 private:
  Loop& loop_;
  Transport& transport_;
  PendingCalls<Message::Body> pending_;
};

}  // namespace kilonova
