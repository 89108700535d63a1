// How daemons speak. Implemented over gRPC streams (lib/rpc) and by the simulated network (sim/network); one contract
// suite holds both (tests/contract/transport).
//
// Promises, per pair of incarnations: messages arrive in the order sent, each at most once; those not acknowledged when
// a connection breaks are sent again on the next one. Nothing is promised across incarnations: what was under way when
// either process died may or may not have arrived. Everything is called on, and calls back on, the owner's loop thread.
#pragma once

#include <vector>

#include "base/ids.h"
#include "domain/messages.h"

namespace kilonova {

struct Peer {
  PeerId id;
  Incarnation incarnation = 0;
  bool operator==(const Peer&) const = default;
};

class PeerHandler {
 public:
  virtual ~PeerHandler() = default;
  // Before the first message of this connection. The same incarnation again: only the connection was lost, nothing
  // that either side still remembers needs saying again. A new one: its memory is gone.
  virtual void on_peer_up(const Peer& peer) = 0;
  // The connection broke. Messages to the same incarnation keep queueing until it is heard again or replaced.
  virtual void on_peer_down(const Peer& peer) = 0;
  virtual void on_message(const Peer& from, Message message) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;

  virtual PeerId self() const = 0;
  virtual Incarnation incarnation() const = 0;
  // Connected peers of a role, by index.
  virtual std::vector<Peer> peers(Role role) const = 0;
  // Queues for the peer's last known incarnation; progress of one placement that was not sent yet is overwritten
  // (supersedes()). Messages leave when the loop drains, many to a frame. False, and the message is dropped, when the
  // peer was never connected or its queue is full: the protocol's re-drives cover that like any other loss.
  // An EndProcess to itself ends this process; one that the controller sends ends its receiver before its handler sees
  // it.
  virtual bool send(PeerId to, Message message) = 0;
  // These processes were replaced by newer ones of the same identity: none of them is connected any more, nor let in
  // again, and each is told why. The controller's transport tells those of the other daemons.
  virtual void forbid(PeerId id, const std::vector<Incarnation>& replaced) = 0;
};

}  // namespace kilonova
