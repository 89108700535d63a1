// Calls over a transport: a message that waits for its reply. A missed deadline means unknown, never failed.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"
#include "domain/messages.h"
#include "ports/call_number.h"
#include "ports/transport.h"
#include "runtime/pending_calls.h"
#include "runtime/task.h"

namespace kilonova {

// Loop thread only. Must outlive the flows that call.
class Caller {
 public:
  Caller(Loop& loop, Transport& transport) : transport_(transport), pending_(loop) {}

  // kUnavailable: the peer was never connected or its queue is full, nothing was sent. kDeadlineExceeded: no reply of
  // type Reply in time; whether the peer acted is unknown.
  template <class Reply>
  Task<Expected<Reply>> call(PeerId to, Message::Body request, Duration timeout) {
    auto pending = pending_.open();
    if (!transport_.send(to, Message{call_number(transport_.incarnation(), pending.id()), std::move(request)}))
      co_return fail(ErrorCode::kUnavailable, to_string(to) + " is not connected");
    auto reply = co_await pending.wait_for(timeout);
    if (!reply || !std::holds_alternative<Reply>(*reply))
      co_return fail(ErrorCode::kDeadlineExceeded, to_string(to) + " did not answer in time: the outcome is unknown");
    co_return std::get<Reply>(std::move(*reply));
  }

  // For every message whose body is a reply. False when nobody waits for it any more, or an earlier life did.
  bool complete(uint64_t number, Message::Body body) {
    auto call = own_call(transport_.incarnation(), number);
    return call && pending_.complete(*call, std::move(body));
  }

 private:
  Transport& transport_;
  PendingCalls<Message::Body> pending_;
};

}  // namespace kilonova
