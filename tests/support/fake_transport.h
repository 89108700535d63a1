// FakeTransport: the transport of a core under test. Records what the core sends; the test plays the peers.
// One thread, nothing asynchronous: connect, deliver and disconnect call the core's handler at once.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "ports/transport.h"

namespace kilonova::testing {

struct SentMessage {
  PeerId to;
  Message message;
};

class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(PeerId self, Incarnation incarnation = 1) : self_(self), incarnation_(incarnation) {}

  // ---- what the core calls

  PeerId self() const override { return self_; }
  Incarnation incarnation() const override { return incarnation_; }
  std::vector<Peer> peers(Role role) const override {
    std::vector<Peer> result;
    for (const auto& [id, incarnation] : connected_)
      if (id.role == role) result.push_back({id, incarnation});
    return result;
  }
  // As the contract says: false for a peer that was never connected, and for one that the test made refuse.
  bool send(PeerId to, Message message) override {
    if (!known_.contains(to) || refusing_.contains(to)) return false;
    sent_.push_back({to, std::move(message)});
    return true;
  }

  void forbid(PeerId id, const std::vector<Incarnation>& replaced) override {
    forbidden_[id].insert(replaced.begin(), replaced.end());
  }

  // ---- the peers' side

  void connect(PeerHandler& handler, PeerId peer, Incarnation incarnation = 1) {
    known_[peer] = incarnation;
    connected_[peer] = incarnation;
    handler.on_peer_up({peer, incarnation});
  }
  void disconnect(PeerHandler& handler, PeerId peer) {
    if (connected_.erase(peer) != 0) handler.on_peer_down({peer, known_[peer]});
  }
  void deliver(PeerHandler& handler, PeerId from, Message::Body body, uint64_t call = 0) {
    handler.on_message({from, known_[from]}, Message{call, std::move(body)});
  }
  void set_refusing(PeerId peer, bool refusing) {
    if (refusing) {
      refusing_.insert(peer);
    } else {
      refusing_.erase(peer);
    }
  }

  // ---- what was sent, in order

  const std::vector<SentMessage>& sent() const { return sent_; }
  bool forbids(PeerId id, Incarnation incarnation) const {
    auto forbidden = forbidden_.find(id);
    return forbidden != forbidden_.end() && forbidden->second.contains(incarnation);
  }
  void clear() { sent_.clear(); }

  // The messages of type T to anybody or to one peer; they stay.
  template <class T>
  std::vector<T> all() const {
    std::vector<T> result;
    for (const auto& entry : sent_)
      if (const T* body = get_if<T>(&entry.message.body)) result.push_back(*body);
    return result;
  }
  template <class T>
  std::vector<T> all_to(PeerId to) const {
    std::vector<T> result;
    for (const auto& entry : sent_)
      if (const T* body = get_if<T>(&entry.message.body); body != nullptr && entry.to == to)
        result.push_back(*body);
    return result;
  }
  // The same, taken out of the record.
  template <class T>
  std::vector<T> take() {
    std::vector<T> result = all<T>();
    std::erase_if(sent_, [](const SentMessage& entry) { return holds_alternative<T>(entry.message.body); });
    return result;
  }
  template <class T>
  size_t count() const {
    return static_cast<size_t>(std::count_if(sent_.begin(), sent_.end(), [](const SentMessage& entry) {
      return holds_alternative<T>(entry.message.body);
    }));
  }

 private:
  PeerId self_;
  Incarnation incarnation_;
  std::map<PeerId, Incarnation> known_;
  std::map<PeerId, Incarnation> connected_;
  std::set<PeerId> refusing_;
  std::map<PeerId, std::set<Incarnation>> forbidden_;
  std::vector<SentMessage> sent_;
};

}  // namespace kilonova::testing
