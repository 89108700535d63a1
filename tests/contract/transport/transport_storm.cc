// Everything at once, by seed: sends, cuts, deaths and restarts of both sides.
#include <map>
#include <set>

#include "tests/unit/rpc-link/link_messages.h"
#include "base/random.h"
#include "transport_contract.h"

namespace kilonova::testing {
namespace {

// The calls carry who sent them to whom: 2 decimal digits of either incarnation, then a count for the pair.
uint64_t call_of(Incarnation from, Incarnation to, uint64_t count) { return (from * 100 + to) * 1'000'000 + count; }

class Storm {
 public:
  explicit Storm(TransportWorld& world) : world_(&world) {}

  void start(PeerId id) { world_->start(id, incarnations_[id] = 1); }
  Peer now(PeerId id) { return {id, incarnations_[id]}; }
  uint64_t sent(PeerId from, PeerId to) { return sent_[{from, incarnations_[from], incarnations_[to]}]; }

  void send_some(PeerId from, PeerId to) {
    Incarnation mine = incarnations_[from];
    world_->on(from, [&](Transport& transport) {
      std::vector<Peer> peers = transport.peers(to.role);
      if (peers.empty()) return;
      Incarnation theirs = peers.front().incarnation;
      uint64_t& count = sent_[{from, mine, theirs}];
      for (uint64_t i = 0; i < 50; ++i) {
        if (transport.send(to, numbered(call_of(mine, theirs, count + 1)))) ++count;
      }
    });
  }

  void restart(PeerId id) {
    check(id);
    world_->kill(id);
    world_->start(id, ++incarnations_[id]);
  }

  // What a process received: in order, once, meant for it, without a hole.
  void check(PeerId at) {
    std::map<std::pair<PeerId, Incarnation>, uint64_t> counts;
    for (const PeerEvent& event : world_->recorder(at).events()) {
      if (event.kind != PeerEvent::kMessage) continue;
      uint64_t& count = counts[{event.peer.id, event.peer.incarnation}];
      ++count;
      ASSERT_EQ(event.message.call, call_of(event.peer.incarnation, incarnations_[at], count))
          << "at " << to_string(at) << " from " << to_string(event.peer.id);
    }
  }

 private:
  TransportWorld* world_;
  std::map<PeerId, Incarnation> incarnations_;
  std::map<std::tuple<PeerId, Incarnation, Incarnation>, uint64_t> sent_;
};

}  // namespace

TEST_P(TransportContract, InAStormEverythingArrivesOnceAndInOrderWithinEachPairOfIncarnations) {
  Storm storm(*world_);
  const PeerId ids[] = {kTheController, compute(0)};
  for (PeerId id : ids) storm.start(id);
  Random random(20261123);
  for (int round = 0; round < 300 && !HasFatalFailure(); ++round) {
    storm.send_some(ids[0], ids[1]);
    storm.send_some(ids[1], ids[0]);
    if (random.chance(0.2)) world_->cut(ids[0], ids[1]);
    if (random.chance(0.04)) storm.restart(ids[random.below(2)]);
    if (random.chance(0.3)) ASSERT_TRUE(joined(storm.now(ids[0]), storm.now(ids[1])));
  }
  // Afterwards nothing between the last incarnations is missing.
  for (auto [from, to] : {std::pair{ids[0], ids[1]}, {ids[1], ids[0]}}) {
    uint64_t due = storm.sent(from, to);
    EXPECT_TRUE(received_from(to, storm.now(from), due)) << to_string(from) << " sent " << due;
    storm.check(to);
  }
  EXPECT_GT(storm.now(ids[0]).incarnation + storm.now(ids[1]).incarnation, 4u);
}

}  // namespace kilonova::testing
