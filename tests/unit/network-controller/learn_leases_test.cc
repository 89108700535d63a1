// A store that has gone back: what it lost of servers that run is learnt again from their rows.
#include <gtest/gtest.h>

#include "tests/unit/network-controller/network_fixture.h"

namespace kilonova::network {
namespace {

class LearnLeasesTest : public ::testing::Test {
 protected:
  LearnLeasesTest() { network = world.private_network(); }

  // As the controller tells it of a row.
  std::vector<Lease> row_of(PlacementId id, const AllocateAddressesReply& reply, uint64_t shared_with = 0) {
    std::vector<Lease> rows;
    for (const Address& address : reply.addresses) rows.push_back({id.instance, id.epoch, "web", address, shared_with});
    return rows;
  }
  void tell(std::vector<Lease> leases, std::vector<PlacementId> orphans = {}) {
    answer(ask(), std::move(leases), std::move(orphans));
  }
  // The next audit's round.
  uint64_t ask() {
    world.transport.clear();
    world.loop.run_until(world.loop.now() + NetworkOptions{}.audit_interval);
    uint64_t round = 0;
    for (const auto& sent : world.transport.sent())
      if (holds_alternative<OwnershipQuery>(sent.message.body)) round = sent.message.call;
    return round;
  }
  void answer(uint64_t round, std::vector<Lease> leases, std::vector<PlacementId> orphans = {}) {
    world.send(kController, OwnershipAnswer{std::move(orphans), std::move(leases)}, round);
    world.settle();
  }
  // The store as it was before it heard of this server, and the process that made it is gone.
  void lose(PlacementId id) {
    ASSERT_TRUE(
        world.image.apply({network_mutation::EraseLeases{id.instance}, network_mutation::EraseFence{id.instance}})
            .has_value());
    world.restart();
  }
  AllocateAddressesReply allocate(PlacementId id) { return world.allocate(id, {network}); }

  NetworkWorld world;
  Uuid network;
};

TEST_F(LearnLeasesTest, WhatWasLostIsHeldAgainAndGivenToNobodyElse) {
  AllocateAddressesReply first = allocate(placement(1));
  lose(placement(1));
  tell(row_of(placement(1), first));
  EXPECT_EQ(world.image.state().leases.size(), 1u);
  EXPECT_EQ(allocate(placement(1)).addresses, first.addresses) << "a repeat gets the same";
  AllocateAddressesReply other = allocate(placement(2));
  EXPECT_NE(other.addresses[0].ip, first.addresses[0].ip);
  EXPECT_NE(other.addresses[0].mac, first.addresses[0].mac);
  world.restart();
  ASSERT_TRUE(world.started.has_value()) << "it was stored";
  EXPECT_EQ(allocate(placement(1)).addresses, first.addresses);
}

TEST_F(LearnLeasesTest, AServerThatIsBeingBuiltGivesWayToOneThatRuns) {
  AllocateAddressesReply first = allocate(placement(1));
  lose(placement(1));
  AllocateAddressesReply second = allocate(placement(2));
  ASSERT_EQ(second.addresses[0].ip, first.addresses[0].ip);
  tell(row_of(placement(1), first));
  EXPECT_EQ(allocate(placement(1)).addresses, first.addresses);
  EXPECT_EQ(allocate(placement(2)).fault.code, ErrorCode::kConflict) << "that try is over";
  AllocateAddressesReply again = allocate(placement(2, 2));
  ASSERT_EQ(again.addresses.size(), 1u);
  EXPECT_NE(again.addresses[0].ip, first.addresses[0].ip);
}

TEST_F(LearnLeasesTest, AReleaseOfALostFutureDoesNotKeepAServerFromItsAddress) {
  AllocateAddressesReply first = allocate(placement(1));
  world.release(placement(1, 2));  // a delete that the controller's store has lost
  tell(row_of(placement(1), first));
  EXPECT_EQ(allocate(placement(1)).addresses, first.addresses);
  world.send(kController, ReleaseAddresses{.placement = placement(1, 2), .server_is_gone = true});
  world.settle();
  EXPECT_EQ(world.leases(), 0u);
}

TEST_F(LearnLeasesTest, WhatWasReleasedSinceTheQuestionIsNotLearntFromTheAnswer) {
  AllocateAddressesReply first = allocate(placement(1)), second = allocate(placement(2));
  lose(placement(1));
  lose(placement(2));
  const uint64_t round = ask();
  // A deleted server, and one whose guest was found lost; then their addresses are others'.
  world.send(kController, ReleaseAddresses{.placement = placement(1, 2), .server_is_gone = true});
  world.send(kController, ReleaseAddresses{.placement = placement(2)});
  world.settle();
  AllocateAddressesReply next = allocate(placement(3));
  ASSERT_EQ(next.addresses[0].ip, first.addresses[0].ip);
  std::vector<Lease> rows = row_of(placement(1), first), more = row_of(placement(2), second);
  rows.insert(rows.end(), more.begin(), more.end());
  answer(round, rows);
  EXPECT_EQ(world.leases(), 1u);
  EXPECT_EQ(allocate(placement(3)).addresses, next.addresses);
}

TEST_F(LearnLeasesTest, AnAnswerOfAnEarlierRoundTeachesNothing) {
  AllocateAddressesReply first = allocate(placement(1));
  lose(placement(1));
  const uint64_t earlier = ask();
  const uint64_t round = ask();
  ASSERT_NE(earlier, round);
  answer(earlier, row_of(placement(1), first));
  answer(0, row_of(placement(1), first));
  EXPECT_EQ(world.leases(), 0u);
  answer(round, row_of(placement(1), first));
  EXPECT_EQ(world.leases(), 1u);
}

TEST(OwnershipRound, WhatWasReleasedIsTakenFromARowThatHasMore) {
  OwnershipRound round;
  auto row = [](uint64_t epoch, uint64_t shared_with) {
    return std::vector<Lease>{{uuid_of(1), epoch, "web", {}, shared_with}};
  };
  const uint64_t number = round.begin();
  round.ask();
  round.close();
  round.note_release(placement(1, 2), false);
  EXPECT_TRUE(round.not_released(row(2, 0)).empty());
  EXPECT_EQ(round.not_released(row(3, 2)), row(3, 0)) << "the move is confirmed";
  EXPECT_EQ(round.not_released(row(2, 1)), row(1, 0)) << "the move is reverted";
  EXPECT_EQ(round.not_released(row(3, 0)), row(3, 0));
  round.note_release(placement(1, 4), true);
  EXPECT_TRUE(round.not_released(row(3, 0)).empty());
  EXPECT_TRUE(round.is_current(number));
  round.end_answer(number);
  EXPECT_FALSE(round.is_current(number)) << "answered";
  round.begin();
  EXPECT_EQ(round.not_released(row(2, 0)), row(2, 0)) << "that was before the question";
}

TEST_F(LearnLeasesTest, WhoMovesWaitsForTheAddressesThatWereLost) {
  AllocateAddressesReply first = allocate(placement(1));
  lose(placement(1));
  world.transport.take<OwnershipQuery>();
  AllocateAddressesReply refused = world.allocate_shared(placement(1, 2), {network}, 1);
  EXPECT_EQ(refused.fault.code, ErrorCode::kUnavailable);
  EXPECT_EQ(world.leases(), 0u);
  EXPECT_EQ(world.transport.take<OwnershipQuery>().size(), 1u) << "it asks at once";
  tell(row_of(placement(1), first));
  EXPECT_EQ(world.allocate_shared(placement(1, 2), {network}, 1).addresses, first.addresses);
}

TEST_F(LearnLeasesTest, WhatIsHeldOtherwiseBecomesWhatTheRowSays) {
  AllocateAddressesReply first = allocate(placement(1));
  lose(placement(1));
  allocate(placement(2));
  AllocateAddressesReply wrong = allocate(placement(1));
  ASSERT_NE(wrong.addresses[0].ip, first.addresses[0].ip);
  world.release(placement(2));
  tell(row_of(placement(1), first));
  EXPECT_EQ(allocate(placement(1)).addresses, first.addresses);
  EXPECT_EQ(world.networks(admin(), "private").used.at(0), 1u);
  EXPECT_EQ(world.state().macs.used(), 1u);
}

TEST_F(LearnLeasesTest, AnOrphanOfALostFutureGoesFirst) {
  AllocateAddressesReply first = allocate(placement(1));
  allocate(placement(1, 3));
  tell(row_of(placement(1), first), {placement(1, 3)});
  EXPECT_EQ(world.state().holdings.find(uuid_of(1))->epoch, 1u);
  EXPECT_EQ(allocate(placement(1)).addresses, first.addresses);
}

TEST_F(LearnLeasesTest, AServerThatMovesHasThemForBothPlacements) {
  AllocateAddressesReply first = allocate(placement(1, 2));
  lose(placement(1));
  tell(row_of(placement(1, 3), first, 2));
  EXPECT_EQ(allocate(placement(1, 2)).addresses, first.addresses);
  EXPECT_EQ(allocate(placement(1, 3)).addresses, first.addresses);
}

// The controller died before it had stored a further interface, and the server moves: both placements have it.
TEST_F(LearnLeasesTest, WhoMovesHasWhatItsRowSaysForBothPlacements) {
  const PlacementId from = placement(1), to = placement(1, 2);
  AllocateAddressesReply both = world.allocate(from, {network, network});
  ASSERT_EQ(world.allocate_shared(to, {network, network}, from.epoch).addresses.size(), 2u);
  both.addresses.pop_back();
  tell(row_of(from, both));
  EXPECT_EQ(allocate(to).addresses, both.addresses);
  EXPECT_EQ(allocate(from).addresses, both.addresses);
  const Holding& held = *world.state().holdings.find(uuid_of(1));
  EXPECT_EQ(std::pair(held.epoch, held.shared_with), (std::pair<uint64_t, uint64_t>{2, 1}));
}

TEST_F(LearnLeasesTest, WhatCannotBeHeldChangesNothing) {
  AllocateAddressesReply first = allocate(placement(1));
  std::vector<Lease> rows = row_of(placement(2), first);
  const NetworkState before = world.image.state();
  rows[0].address.network_id = uuid_of(4711);
  tell(rows);
  rows[0].address.network_id = network;
  rows[0].address.mac = Mac{0x001122334455};
  rows[0].address.ip = first.addresses[0].gateway;
  tell(rows);
  rows[0].address.ip = Ipv4{0x01020304};
  tell(rows);
  rows.push_back(rows[0]);  // one address for two nics
  tell(rows);
  tell(row_of(placement(1, 0), first));  // older than what is held
  EXPECT_EQ(world.image.state(), before);
  world.disk.fail_next({ErrorCode::kUnavailable, "no space left on device"});
  AllocateAddressesReply third;
  third.addresses = first.addresses;
  third.addresses[0].ip.value += 7;
  third.addresses[0].mac.value += 7;
  tell(row_of(placement(3), third));
  EXPECT_EQ(world.image.state(), before);
  tell(row_of(placement(3), third));
  EXPECT_EQ(world.leases(), 2u) << "the next audit tells it again";
}

TEST_F(LearnLeasesTest, AConnectionOfTwoNewLivesAsksForAllThatIsHeld) {
  allocate(placement(1));
  world.transport.clear();
  world.restart();
  auto queries = world.transport.take<OwnershipQuery>();
  ASSERT_EQ(queries.size(), 1u);
  EXPECT_TRUE(queries[0].is_range);
  EXPECT_TRUE(queries[0].after.is_nil() && queries[0].through.is_nil());
  EXPECT_EQ(queries[0].held, std::vector<PlacementId>{placement(1)});
  EXPECT_EQ(queries[0].digests, std::vector<uint64_t>{digest_of(allocate(placement(1)).addresses)});
}

}  // namespace
}  // namespace kilonova::network
