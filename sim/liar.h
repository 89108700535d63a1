// Liar: a compute process without hosts that is confused or hostile. What other daemons say, it says again as its own, and
// changed: of other epochs, operations and calls, with other results. It also makes other daemons say what their role has
// no business to say. No server may suffer (docs/protocol.md, "A peer is its role and its hosts").
//
// It does not lie about hosts whose own process the receiver does not see: such hosts may move to another process.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "sim/cloud.h"
#include "sim/network/sim_network.h"
#include "sim/network/sim_transport.h"

namespace kilonova::sim {

class Liar final : public PeerHandler, public NetworkObserver {
 public:
  // The cloud and `next`, who sees all messages after it, outlive it.
  Liar(SimCloud& cloud, Random random, NetworkObserver& next);
  ~Liar() override { stop(); }

  // Joins the cloud, with a new incarnation. Not while it is there.
  void start();
  void stop() { life_.reset(); }
  bool is_there() const { return life_.has_value(); }
  // One lie to each daemon that a compute process speaks with, and one by a daemon of another role. The step of which each
  // that was told speaks.
  std::vector<LaunchStep> speak();

  void on_peer_up(const Peer&) override {}
  void on_peer_down(const Peer&) override {}
  void on_message(const Peer&, Message) override {}

  void sent(PeerId from, PeerId to, const Message& message) override { next_.sent(from, to, message); }
  void arrives(PeerId from, PeerId to, const Message& message) override;
  void handled() override { next_.handled(); }
  void struck(std::string_view fault, PeerId from, PeerId to, const Message* message) override {
    next_.struck(fault, from, to, message);
  }

 private:
  struct Life {
    Life(SimCloud& cloud, PeerId id, Incarnation incarnation)
        : loop(cloud.loop()), transport(cloud.network(), loop, id, incarnation) {}
    NodeLoop loop;
    SimTransport transport;
  };

  const Message* overheard();
  // Nothing where no lie was told.
  std::optional<LaunchStep> lie_to(PeerId to);
  std::optional<LaunchStep> let_another_lie();

  SimCloud& cloud_;
  Random random_;
  NetworkObserver& next_;
  const PeerId id_;
  Incarnation lives_ = 0;
  std::optional<Life> life_;
  std::deque<Message> overheard_;
};

}  // namespace kilonova::sim
