#include "network-controller/core/holdings.h"

#include <gtest/gtest.h>

#include "tests/unit/network-controller/network_fixture.h"

namespace kilonova::network {
namespace {

// What a request of epoch 5 may do, by what is held and what was released (0 = nothing).
TEST(Holdings, TruthTable) {
  struct Row {
    uint64_t held, fence;
    AllocateVerdict allocate;
    bool must_release;
  };
  for (const Row& row : {
           Row{0, 0, AllocateVerdict::kNew, true},
           Row{4, 0, AllocateVerdict::kNew, true},
           Row{5, 0, AllocateVerdict::kRepeat, true},
           Row{6, 0, AllocateVerdict::kStale, false},
           Row{0, 4, AllocateVerdict::kNew, true},
           Row{0, 5, AllocateVerdict::kStale, false},
           Row{0, 6, AllocateVerdict::kStale, false},
           Row{5, 4, AllocateVerdict::kRepeat, true},
           Row{6, 4, AllocateVerdict::kStale, false},
           Row{6, 5, AllocateVerdict::kStale, false},
       }) {
    Holdings holdings;
    if (row.held != 0) holdings.put(uuid_of(1), {.epoch = row.held, .hostname = "", .nics = {}});
    if (row.fence != 0) holdings.put_fence(placement(1, row.fence), Instant{10});
    EXPECT_EQ(holdings.decide_allocate(placement(1, 5), 0), row.allocate) << row.held << " " << row.fence;
    EXPECT_EQ(holdings.must_release(placement(1, 5)), row.must_release) << row.held << " " << row.fence;
    EXPECT_EQ(holdings.decide_allocate(placement(2, 5), 0), AllocateVerdict::kNew);
  }
}

// No placement has it: what says so is damaged, and frees nothing.
TEST(Holdings, EpochZeroHoldsNothing) {
  Holdings holdings;
  holdings.put(uuid_of(1), {.epoch = 5, .hostname = "", .nics = {}});
  EXPECT_FALSE(holdings.must_release(placement(1, 0)));
  EXPECT_EQ(holdings.decide_allocate(placement(1, 0), 0), AllocateVerdict::kStale);
}

TEST(Holdings, FencesRiseAndAreForgottenInTime) {
  Holdings holdings;
  holdings.put_fence(placement(1, 3), Instant{10});
  holdings.put_fence(placement(2, 1), Instant{5});
  holdings.put_fence(placement(1, 2), Instant{99});  // lower: nothing
  EXPECT_EQ(holdings.fence_epoch(uuid_of(1)), 3u);
  EXPECT_TRUE(holdings.fences_to_forget(Instant{4}, 9).empty());
  EXPECT_EQ(holdings.fences_to_forget(Instant{10}, 9), (std::vector<PlacementId>{placement(2, 1), placement(1, 3)}));
  EXPECT_EQ(holdings.fences_to_forget(Instant{10}, 1).size(), 1u);
  holdings.put_fence(placement(1, 4), Instant{20});
  holdings.erase_fence(placement(1, 3));  // raised since
  EXPECT_EQ(holdings.fences(), 2u);
  EXPECT_EQ(holdings.fences_to_forget(Instant{10}, 9).size(), 1u);
  holdings.erase_fence(placement(1, 4));
  EXPECT_EQ(holdings.fence_epoch(uuid_of(1)), 0u);
}

// A placement of epoch 5 moves away from one of epoch 3.
TEST(Holdings, AMoveSharesAndThenOneKeeps) {
  Holdings holdings;
  holdings.put(uuid_of(1), {.epoch = 3, .hostname = "", .nics = {}});
  EXPECT_EQ(holdings.decide_allocate(placement(1, 5), 3), AllocateVerdict::kShare);
  EXPECT_EQ(holdings.decide_allocate(placement(1, 5), 2), AllocateVerdict::kLost);
  EXPECT_EQ(holdings.decide_allocate(placement(2, 5), 2), AllocateVerdict::kLost);
  // The target is given up before it asked for its addresses.
  EXPECT_EQ(holdings.kept(placement(1, 9), 3)->epoch, 3u);

  holdings.put(uuid_of(1), {.epoch = 5, .shared_with = 3, .hostname = "", .nics = {}});
  for (uint64_t epoch : {3, 5}) {
    EXPECT_EQ(holdings.decide_allocate(placement(1, epoch), 0), AllocateVerdict::kRepeat) << epoch;
    EXPECT_TRUE(holdings.must_release(placement(1, epoch))) << epoch;
    EXPECT_EQ(holdings.kept(placement(1, 9), epoch)->epoch, epoch);
    EXPECT_EQ(holdings.kept(placement(1, 9), epoch)->shared_with, 0u);
  }
  EXPECT_EQ(holdings.decide_allocate(placement(1, 4), 0), AllocateVerdict::kStale);
  EXPECT_FALSE(holdings.must_release(placement(1, 4)));
  EXPECT_FALSE(holdings.kept(placement(1, 9), 4).has_value());
  EXPECT_FALSE(holdings.kept(placement(1, 9), 0).has_value());
  EXPECT_EQ(holdings.held_after({}, 9), (std::vector<PlacementId>{placement(1, 5), placement(1, 3)}));

  // Taken back: what is kept is below the fence, and good all the same.
  holdings.put(uuid_of(1), *holdings.kept(placement(1, 9), 3));
  holdings.put_fence(placement(1, 5), Instant{10});
  EXPECT_EQ(holdings.decide_allocate(placement(1, 3), 0), AllocateVerdict::kRepeat);
  EXPECT_EQ(holdings.decide_allocate(placement(1, 5), 3), AllocateVerdict::kStale);
  EXPECT_EQ(holdings.decide_allocate(placement(1, 6), 3), AllocateVerdict::kShare);
  EXPECT_TRUE(holdings.must_release(placement(1, 3)));
  // What was released once is not released again: 3 has the addresses, and is below it. A server that is gone has none.
  EXPECT_FALSE(holdings.must_release(placement(1, 5)));
  EXPECT_TRUE(holdings.must_release(placement(1, 5), true));
  EXPECT_TRUE(holdings.must_release(placement(1, 6)));
}

TEST(Holdings, OneOfTwoThatIsReleasedLeavesTheOther) {
  Holdings holdings;
  holdings.put(uuid_of(1), {.epoch = 5, .shared_with = 3, .hostname = "", .nics = {}});
  EXPECT_EQ(holdings.kept(placement(1, 5), 0)->epoch, 3u);
  EXPECT_EQ(holdings.kept(placement(1, 3), 0)->epoch, 5u);
  // Also where who releases it names one that is over.
  EXPECT_EQ(holdings.kept(placement(1, 5), 2)->epoch, 3u);
  EXPECT_FALSE(holdings.kept(placement(1, 6), 0).has_value());
  // The next host that is tried, before this one was heard to be released.
  EXPECT_EQ(holdings.decide_allocate(placement(1, 6), 3), AllocateVerdict::kShare);
}

TEST(Holdings, AuditWalksAllInChunks) {
  Holdings holdings;
  for (uint64_t i = 0; i < 7; ++i) holdings.put(uuid_of(i), {.epoch = i, .hostname = "", .nics = {}});
  std::vector<PlacementId> all;
  std::optional<Uuid> after;
  for (;;) {
    auto chunk = holdings.held_after(after, 3);
    all.insert(all.end(), chunk.begin(), chunk.end());
    if (chunk.size() < 3) break;
    after = chunk.back().instance;
  }
  ASSERT_EQ(all.size(), 7u);
  for (uint64_t i = 0; i < 7; ++i) EXPECT_EQ(all[i], placement(i, i));
}

TEST(RenewedExpiry, EveryHalfLease) {
  WallTime start{1'000'000'000};
  Duration lease = seconds(100);
  WallTime first = start + lease;
  EXPECT_EQ(renewed_expiry(first, lease, start), first);
  EXPECT_EQ(renewed_expiry(first, lease, start + seconds(49)), first);
  EXPECT_EQ(renewed_expiry(first, lease, start + seconds(50)), first + seconds(50));
  EXPECT_EQ(renewed_expiry(first, lease, start + seconds(1010)), first + seconds(1000));
  EXPECT_EQ(renewed_expiry(first, lease, WallTime{5}), first);  // the clock went back
}

}  // namespace
}  // namespace kilonova::network
