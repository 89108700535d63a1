#include "transport_contract.h"

#include <numeric>

#include "tests/unit/rpc-link/link_messages.h"

namespace kilonova::testing {
namespace {

using Calls = std::vector<uint64_t>;

Calls range(uint64_t first, uint64_t last) {
  Calls calls(last - first + 1);
  std::iota(calls.begin(), calls.end(), first);
  return calls;
}

}  // namespace

void TransportContract::send_numbered(PeerId from, PeerId to, uint64_t first, uint64_t last) {
  world_->on(from, [=](Transport& transport) {
    for (uint64_t i = first; i <= last; ++i) ASSERT_TRUE(transport.send(to, numbered(i))) << "message " << i;
  });
}

TEST_P(TransportContract, KnowsWhoItIs) {
  world_->start(kTheController, 77);
  world_->on(kTheController, [](Transport& transport) {
    EXPECT_EQ(transport.self(), kTheController);
    EXPECT_EQ(transport.incarnation(), 77u);
    EXPECT_TRUE(transport.peers(Role::kCompute).empty());
  });
}

TEST_P(TransportContract, RefusesAPeerThatWasNeverConnected) {
  start_two();
  EXPECT_FALSE(send(kTheController, compute(1), numbered(1)));
  EXPECT_FALSE(send(compute(0), compute(0), numbered(1)));
  EXPECT_TRUE(send(kTheController, compute(0), numbered(1)));
}

TEST_P(TransportContract, MessagesArriveInTheOrderSentBothWays) {
  start_two();
  for (uint64_t batch = 0; batch < 10; ++batch) {
    send_numbered(kTheController, compute(0), batch * 100 + 1, batch * 100 + 100);
    send_numbered(compute(0), kTheController, batch * 100 + 1, batch * 100 + 100);
  }
  ASSERT_TRUE(received(compute(0), kTheController, 1000));
  ASSERT_TRUE(received(kTheController, compute(0), 1000));
  EXPECT_EQ(world_->recorder(compute(0)).calls(kTheController), range(1, 1000));
  EXPECT_EQ(world_->recorder(kTheController).calls(compute(0)), range(1, 1000));
}

TEST_P(TransportContract, ThePeerIsUpBeforeItsFirstMessage) {
  start_two();
  send_numbered(kTheController, compute(0), 1, 1);
  ASSERT_TRUE(received(compute(0), kTheController, 1));
  std::vector<PeerEvent> events = world_->recorder(compute(0)).events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, PeerEvent::kUp);
  EXPECT_EQ(events[0].peer, (Peer{kTheController, 1}));
  EXPECT_EQ(events[1].kind, PeerEvent::kMessage);
  EXPECT_EQ(events[1].peer, (Peer{kTheController, 1}));
}

TEST_P(TransportContract, MessagesCanBeAnsweredWhereTheyArrive) {
  start_two();
  for (PeerId id : {kTheController, compute(0)}) {
    world_->on(id, [this, id](Transport& transport) {
      world_->recorder(id).answer = [&transport](const Peer& from, const Message& message) {
        if (message.call < 200) EXPECT_TRUE(transport.send(from.id, numbered(message.call + 1)));
      };
    });
  }
  send_numbered(compute(0), kTheController, 1, 1);
  ASSERT_TRUE(received(compute(0), kTheController, 100));
  EXPECT_EQ(world_->recorder(compute(0)).calls(kTheController).back(), 200u);
}

TEST_P(TransportContract, ListsConnectedPeersByIndex) {
  world_->start(kTheController, 1);
  for (uint32_t index : {2u, 0u, 1u}) world_->start(compute(index), 10 + index);
  world_->start(scheduler(0), 20);
  for (uint32_t index : {0u, 1u, 2u}) ASSERT_TRUE(joined({kTheController, 1}, {compute(index), 10 + index}));
  ASSERT_TRUE(joined({kTheController, 1}, {scheduler(0), 20}));
  world_->kill(compute(1));
  ASSERT_TRUE(world_->run_until([&] { return !world_->recorder(kTheController).is_up({compute(1), 11}); }));
  world_->on(kTheController, [](Transport& transport) {
    EXPECT_EQ(transport.peers(Role::kCompute), (std::vector<Peer>{{compute(0), 10}, {compute(2), 12}}));
    EXPECT_EQ(transport.peers(Role::kScheduler), (std::vector<Peer>{{scheduler(0), 20}}));
    EXPECT_TRUE(transport.peers(Role::kApi).empty());
  });
}

TEST_P(TransportContract, ComputeFindsSchedulersAndTheNetworkController) {
  world_->start(kTheController, 1);
  world_->start(compute(0), 1);
  world_->start(scheduler(0), 1);
  world_->start(scheduler(1), 1);
  world_->start(kTheNetwork, 1);
  for (PeerId id : {scheduler(0), scheduler(1), kTheNetwork}) ASSERT_TRUE(joined({compute(0), 1}, {id, 1}));
  send_numbered(scheduler(1), compute(0), 1, 5);
  send_numbered(compute(0), kTheNetwork, 1, 5);
  EXPECT_TRUE(received(compute(0), scheduler(1), 5));
  EXPECT_TRUE(received(kTheNetwork, compute(0), 5));
  // Those two have nothing to say to each other.
  EXPECT_FALSE(send(scheduler(0), kTheNetwork, numbered(1)));
}

TEST_P(TransportContract, ABrokenConnectionIsDownThenUpWithTheSameIncarnation) {
  start_two();
  world_->cut(kTheController, compute(0));
  for (auto [at, other] : {std::pair{kTheController, compute(0)}, {compute(0), kTheController}}) {
    ASSERT_TRUE(world_->run_until([&] { return world_->recorder(at).events().size() >= 3; }));
    std::vector<PeerEvent> events = world_->recorder(at).events();
    EXPECT_EQ(events[0].kind, PeerEvent::kUp);
    EXPECT_EQ(events[1].kind, PeerEvent::kDown);
    EXPECT_EQ(events[2].kind, PeerEvent::kUp);
    for (const PeerEvent& event : events) EXPECT_EQ(event.peer, (Peer{other, 1}));
  }
}

TEST_P(TransportContract, WhatIsSentWhileThePeerIsAwayArrivesWhenItReturns) {
  start_two();
  world_->on(kTheController, [](Transport& transport) { EXPECT_TRUE(transport.send(compute(0), numbered(1))); });
  world_->cut(kTheController, compute(0));
  send_numbered(kTheController, compute(0), 2, 50);
  ASSERT_TRUE(received(compute(0), kTheController, 50));
  EXPECT_EQ(world_->recorder(compute(0)).calls(kTheController), range(1, 50));
}

TEST_P(TransportContract, NothingIsLostOrRepeatedWhenConnectionsBreak) {
  start_two();
  uint64_t next = 1;
  for (int round = 0; round < 20; ++round) {
    send_numbered(kTheController, compute(0), next, next + 199);
    send_numbered(compute(0), kTheController, next, next + 199);
    next += 200;
    world_->cut(kTheController, compute(0));
    if (round % 3 == 0) ASSERT_TRUE(joined({kTheController, 1}, {compute(0), 1}));
  }
  ASSERT_TRUE(received(compute(0), kTheController, next - 1));
  ASSERT_TRUE(received(kTheController, compute(0), next - 1));
  EXPECT_EQ(world_->recorder(compute(0)).calls(kTheController), range(1, next - 1));
  EXPECT_EQ(world_->recorder(kTheController).calls(compute(0)), range(1, next - 1));
}

TEST_P(TransportContract, ANewIncarnationGetsNothingThatWasMeantForTheOldOne) {
  start_two();
  send_numbered(kTheController, compute(0), 1, 3);
  ASSERT_TRUE(received(compute(0), kTheController, 3));
  world_->kill(compute(0));
  ASSERT_TRUE(world_->run_until([&] { return !world_->recorder(kTheController).is_up({compute(0), 1}); }));
  EXPECT_TRUE(send(kTheController, compute(0), numbered(4)));
  world_->start(compute(0), 2);
  ASSERT_TRUE(joined({kTheController, 1}, {compute(0), 2}));
  send_numbered(kTheController, compute(0), 5, 6);
  send_numbered(compute(0), kTheController, 7, 8);
  ASSERT_TRUE(received(compute(0), kTheController, 2));
  ASSERT_TRUE(received(kTheController, compute(0), 2));
  EXPECT_EQ(world_->recorder(compute(0)).calls(kTheController), range(5, 6));
  EXPECT_EQ(world_->recorder(kTheController).calls(compute(0)), range(7, 8));
}

TEST_P(TransportContract, ARestartedPeerIsDownThenUpWithItsNewIncarnation) {
  start_two();
  world_->kill(compute(0));
  world_->start(compute(0), 2);
  ASSERT_TRUE(joined({kTheController, 1}, {compute(0), 2}));
  std::vector<PeerEvent> events = world_->recorder(kTheController).events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1].kind, PeerEvent::kDown);
  EXPECT_EQ(events[1].peer, (Peer{compute(0), 1}));
  EXPECT_EQ(events[2].kind, PeerEvent::kUp);
  EXPECT_EQ(events[2].peer, (Peer{compute(0), 2}));
}

TEST_P(TransportContract, EverybodyReturnsToARestartedController) {
  world_->start(kTheController, 1);
  world_->start(scheduler(0), 1);
  world_->start(compute(0), 1);
  ASSERT_TRUE(joined({scheduler(0), 1}, {compute(0), 1}));
  world_->kill(kTheController);
  // The others go on without it.
  send_numbered(scheduler(0), compute(0), 1, 5);
  EXPECT_TRUE(received(compute(0), scheduler(0), 5));
  world_->start(kTheController, 2);
  ASSERT_TRUE(joined({kTheController, 2}, {scheduler(0), 1}));
  ASSERT_TRUE(joined({kTheController, 2}, {compute(0), 1}));
  send_numbered(kTheController, compute(0), 1, 5);
  EXPECT_TRUE(received(compute(0), kTheController, 5));
}

TEST_P(TransportContract, ComputeReturnsToARestartedScheduler) {
  world_->start(kTheController, 1);
  world_->start(scheduler(0), 1);
  world_->start(compute(0), 1);
  ASSERT_TRUE(joined({scheduler(0), 1}, {compute(0), 1}));
  world_->kill(scheduler(0));
  world_->start(scheduler(0), 2);
  ASSERT_TRUE(joined({scheduler(0), 2}, {compute(0), 1}));
  send_numbered(scheduler(0), compute(0), 1, 5);
  EXPECT_TRUE(received(compute(0), scheduler(0), 5));
}

TEST_P(TransportContract, ProgressThatWasNotSentIsOverwritten) {
  start_two();
  world_->on(compute(0), [](Transport& transport) {
    for (uint64_t i = 1; i <= 100; ++i) EXPECT_TRUE(transport.send(kTheController, progress(1, i)));
    EXPECT_TRUE(transport.send(kTheController, progress(2, 101)));
    EXPECT_TRUE(transport.send(kTheController, report(1, BuildResult::kActive, 102)));
    EXPECT_TRUE(transport.send(kTheController, numbered(103)));
  });
  ASSERT_TRUE(received(kTheController, compute(0), 3));
  EXPECT_EQ(world_->recorder(kTheController).calls(compute(0)), range(101, 103));
}

TEST_P(TransportContract, AFullQueueRefusesAndRecovers) {
  start_two(10);
  world_->on(kTheController, [](Transport& transport) {
    for (uint64_t i = 1; i <= 10; ++i) EXPECT_TRUE(transport.send(compute(0), numbered(i)));
    EXPECT_FALSE(transport.send(compute(0), numbered(11)));
  });
  ASSERT_TRUE(received(compute(0), kTheController, 10));
  // Room comes with the acknowledgement.
  bool queued = false;
  ASSERT_TRUE(world_->run_until([&] { return true; }));
  for (int i = 0; i < 1000 && !queued; ++i) {
    world_->cut(kTheController, compute(0));  // a new connection brings one at the latest
    ASSERT_TRUE(joined({kTheController, 1}, {compute(0), 1}));
    queued = send(kTheController, compute(0), numbered(12));
  }
  ASSERT_TRUE(queued);
  ASSERT_TRUE(received(compute(0), kTheController, 11));
  EXPECT_EQ(world_->recorder(compute(0)).calls(kTheController).back(), 12u);
}

TEST_P(TransportContract, LargeBurstsAndLargeMessagesArrive) {
  start_two();
  send_numbered(kTheController, compute(0), 1, 20'000);
  send_numbered(compute(0), kTheController, 1, 20'000);
  world_->on(kTheController, [](Transport& transport) {
    for (uint64_t i = 1; i <= 8; ++i) {
      Message large{20'000 + i, TokenKeys{std::string(i * 400'000, 'k')}};
      EXPECT_TRUE(transport.send(compute(0), std::move(large)));
    }
  });
  ASSERT_TRUE(received(compute(0), kTheController, 20'008));
  ASSERT_TRUE(received(kTheController, compute(0), 20'000));
  EXPECT_EQ(world_->recorder(compute(0)).calls(kTheController), range(1, 20'008));
  EXPECT_EQ(world_->recorder(kTheController).calls(compute(0)), range(1, 20'000));
  PeerEvent last = world_->recorder(compute(0)).events().back();
  EXPECT_EQ(get<TokenKeys>(last.message.body).signing_key, std::string(3'200'000, 'k'));
}

}  // namespace kilonova::testing
