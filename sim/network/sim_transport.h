// One node's end of the simulated network. Destroying it is how a process vanishes: its connections break, and what was
// queued in it is gone.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "ports/transport.h"
#include "rpc/link/link.h"
#include "runtime/node_loop.h"
#include "sim/network/sim_network.h"

namespace kilonova::sim {

class SimTransport final : public Transport {
 public:
  // `handler` gets its calls on `loop`. Network, loop and handler outlive it. Call open() when the handler is ready.
  SimTransport(SimNetwork& network, Loop& loop, PeerId self, Incarnation incarnation, size_t queue_limit = 1'000'000);
  ~SimTransport() override;

  void open(PeerHandler& handler);
  // Called on `loop` when the controller does not let this process in, because a newer one was here. Before open().
  void set_on_replaced(std::function<void()> on_replaced) { on_replaced_ = std::move(on_replaced); }
  // Its process is frozen: its connections break, and there are none until resume().
  void suspend();
  void resume();

  // Messages that no peer has acknowledged yet.
  size_t queued();

  PeerId self() const override { return self_; }
  Incarnation incarnation() const override { return incarnation_; }
  std::vector<Peer> peers(Role role) const override;
  bool send(PeerId to, Message message) override;
  void forbid(PeerId id, const std::vector<Incarnation>& replaced) override;

 private:
  friend class SimNetwork;

  struct Remote {
    explicit Remote(size_t queue_limit) : link(queue_limit) {}
    Link link;
    bool connected = false;  // as the handler was told
    bool dirty = false;
    uint64_t told = 0;  // of directory_
  };

  Remote& remote(PeerId id);
  bool lets_in(const SimTransport& other) const;
  bool has_heard(const SimTransport& other) const;
  // Has heard it, and after that another process of its identity.
  bool has_forgotten(const SimTransport& other) const;
  // It has reached this one: the process of that identity that was here before is let in no more.
  void admit(const SimTransport& other);
  // What the controller has not told this process yet: whom it has replaced, and who is the newest.
  void learn_from(SimTransport& controller);
  void peer_up(Peer peer);
  void peer_down(PeerId id);
  void mark_dirty(PeerId id, Remote& remote);
  void flush();

  SimNetwork& network_;
  Loop& loop_;
  PeerId self_;
  Incarnation incarnation_;
  size_t queue_limit_;
  PeerHandler* handler_ = nullptr;
  std::function<void()> on_replaced_;
  bool suspended_ = false;
  std::map<PeerId, Remote> remotes_;
  std::vector<PeerId> dirty_;
  std::map<PeerId, std::set<Incarnation>> forbidden_;
  std::map<PeerId, Incarnation> newest_;  // as the controller last said
  uint64_t directory_ = 0;  // grows with what it says: who is the newest of each identity, and whom that replaced
};

}  // namespace kilonova::sim
