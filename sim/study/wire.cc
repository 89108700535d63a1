#include "sim/study/wire.h"

#include <algorithm>

#include "base/check.h"

namespace kilonova::study {

class Wire::End final : public Transport {
 public:
  End(Wire& wire, PeerId id) : wire_(wire), id_(id) {}

  PeerId self() const override { return id_; }
  Incarnation incarnation() const override { return kIncarnation; }
  std::vector<Peer> peers(Role role) const override {
    std::vector<Peer> peers;
    for (const auto& [id, end] : wire_.ends_)
      if (id.role == role && id != id_) peers.push_back({id, kIncarnation});
    return peers;
  }
  bool send(PeerId to, Message message) override {
    wire_.carry(id_, to, std::move(message));
    return true;
  }
  void forbid(PeerId, const std::vector<Incarnation>&) override {}

  PeerHandler* handler = nullptr;

 private:
  Wire& wire_;
  PeerId id_;
};

Wire::Wire(VirtualLoop& loop, Random random, Duration latency_min, Duration latency_max)
    : loop_(loop), random_(random), latency_min_(latency_min), latency_max_(latency_max) {}

Wire::~Wire() = default;

Transport& Wire::add(PeerId id) {
  auto [end, is_new] = ends_.emplace(id, std::make_unique<End>(*this, id));
  KN_CHECK(is_new, "a daemon of a study was added twice");
  return *end->second;
}

void Wire::open(PeerId id, PeerHandler& handler) { ends_.at(id)->handler = &handler; }

void Wire::connect() {
  for (const auto& [id, end] : ends_)
    for (const auto& [other, _] : ends_)
      if (id != other) end->handler->on_peer_up({other, kIncarnation});
}

void Wire::carry(PeerId from, PeerId to, Message message) {
  const uint64_t spread = static_cast<uint64_t>((latency_max_ - latency_min_).us) + 1;
  const Duration latency = latency_min_ + microseconds(static_cast<int64_t>(random_.below(spread)));
  Instant& last = last_[{from, to}];
  last = std::max(last, loop_.now() + latency);
  PeerHandler* handler = ends_.at(to)->handler;
  loop_.call_at(last, [handler, from, message = std::make_unique<Message>(std::move(message))] {
    handler->on_message({from, kIncarnation}, std::move(*message));
  });
}

}  // namespace kilonova::study
