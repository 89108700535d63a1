// Calls over a transport: a message that waits for its reply. The one way in which a daemon asks another; the rules are
// docs/protocol.md, "Calls".
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "domain/messages.h"
#include "ports/transport.h"
#include "runtime/pending_calls.h"
#include "runtime/task.h"

namespace kilonova {

// Loop thread only. Must outlive the flows that call. Its owner tells it of the peers that it calls, and hands over
// their replies.
class Caller {
 public:
  Caller(Loop& loop, Transport& transport) : loop_(loop), transport_(transport), pending_(loop) {}

  // Asked once. Errors:
  //   kUnavailable: nothing was done. The peer is not connected, or its queue is full, or it restarted during an
  //   operation that changes nothing.
  //   kDeadlineExceeded: no reply of type Reply in time, or the peer restarted before it answered. Whether it acted is
  //   unknown. A call whose time was up before it began is not sent.
  template <class Reply>
  Task<Expected<Reply>> call(PeerId to, Message::Body request, Duration timeout) {
    co_return reply_of<Reply>(to, co_await ask(to, std::move(request), timeout));
  }

  // For a request whose repetition is the same request: it is sent again after pauses that `random` spreads, and at
  // once to a peer that comes for the first time or with a new incarnation, until the deadline. Errors: kUnavailable:
  // never sent. kDeadlineExceeded: unknown. `random` must outlive the call.
  template <class Reply>
  Task<Expected<Reply>> call_repeatedly(PeerId to, Message::Body request, Duration timeout, Random& random) {
    co_return reply_of<Reply>(to, co_await ask_repeatedly(to, std::move(request), timeout, random));
  }

  // A new incarnation of a peer has heard none of the open calls: those that are repeated go to it, the others end.
  void on_peer_up(const Peer& peer);
  void on_peer_down(const Peer& peer);
  // For every message whose body is a reply. False when nobody waits for it any more, or an earlier life did, or
  // somebody else was asked.
  bool complete(PeerId from, uint64_t number, Message::Body body);

  // Calls without an answer yet.
  size_t open() const { return pending_.size(); }

 private:
  struct PeerState {
    Incarnation incarnation = 0;
    bool connected = false;
  };
  // Of a flow that waits, in its frame.
  struct OpenCall {
    PeerId to;
    Message message;
    bool repeats = false;
    bool sent = false;
  };
  // Keeps a call where on_peer_up() finds it, for as long as its flow lives.
  class Entry;
  struct Answer {
    std::optional<Message::Body> body;  // none: the peer that was asked is gone
  };

  Task<Expected<Message::Body>> ask(PeerId to, Message::Body request, Duration timeout);
  Task<Expected<Message::Body>> ask_repeatedly(PeerId to, Message::Body request, Duration timeout, Random& random);
  bool is_connected(PeerId peer) const;
  void send(OpenCall& call);
  static Error wrong_reply(PeerId from);

  template <class Reply>
  static Expected<Reply> reply_of(PeerId from, Expected<Message::Body> body) {
    if (!body) return std::unexpected(std::move(body.error()));
    if (!holds_alternative<Reply>(*body)) return std::unexpected(wrong_reply(from));
    return get<Reply>(std::move(*body));
  }

  Loop& loop_;
  Transport& transport_;
  PendingCalls<Answer> pending_;
  std::map<PeerId, PeerState> peers_;
  std::map<uint64_t, OpenCall*> open_;  // in the order in which they began
};

}  // namespace kilonova
