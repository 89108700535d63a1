#include "compute-node/core/instance_table.h"

#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::compute {
namespace {

using kilonova::testing::uuid_of;

HostInstance key(uint64_t n) { return {0, uuid_of(n)}; }

TEST(FenceTable, RemembersTheHighestEpochUntilItIsTaken) {
  FenceTable fences(seconds(10), 100);
  fences.remember(key(1), 5, {});
  fences.remember(key(1), 3, {});
  EXPECT_EQ(fences.take(key(1)), 5U);
  EXPECT_EQ(fences.take(key(1)), 0U);
  EXPECT_EQ(fences.take({1, uuid_of(1)}), 0U);
}

TEST(FenceTable, ForgetsAfterTheRetentionCountedFromTheLastTime) {
  FenceTable fences(seconds(10), 100);
  fences.remember(key(1), 5, {});
  fences.remember(key(2), 5, {});
  fences.remember(key(1), 6, Instant{} + seconds(5));
  fences.expire(Instant{} + seconds(9));
  EXPECT_EQ(fences.size(), 2U);
  fences.expire(Instant{} + seconds(10));
  EXPECT_EQ(fences.size(), 1U);
  EXPECT_EQ(fences.take(key(1)), 6U);
}

TEST(FenceTable, IsBoundedEvenWhenOneKeyComesAndGoes) {
  FenceTable fences(seconds(10), 3);
  for (uint64_t i = 1; i <= 5; ++i) fences.remember(key(i), i, {});
  EXPECT_EQ(fences.size(), 3U);
  EXPECT_EQ(fences.take(key(2)), 0U);
  EXPECT_EQ(fences.take(key(3)), 3U);
  for (uint64_t i = 1; i <= 1000; ++i) {
    fences.remember(key(9), i, {});
    EXPECT_EQ(fences.take(key(9)), i);
  }
  EXPECT_LE(fences.size(), 3U);
}

TEST(InstanceTable, AnIdleEntryBecomesAFenceAndBack) {
  InstanceTable table(seconds(10), 100);
  table.find_or_create(key(1)).epoch = 7;
  table.forget_if_idle(key(1), {});
  EXPECT_EQ(table.find(key(1)), nullptr);
  EXPECT_EQ(table.fences().size(), 1U);
  EXPECT_EQ(table.find_or_create(key(1)).epoch, 7U);
  EXPECT_EQ(table.fences().size(), 0U);
}

TEST(InstanceTable, WhatIsAtWorkIsNotForgotten) {
  InstanceTable table(seconds(10), 100);
  InstanceOnHost& entry = table.find_or_create(key(1));
  table.start_build(entry, 1);
  table.forget_if_idle(key(1), {});
  ASSERT_NE(table.find(key(1)), nullptr);
  EXPECT_EQ(table.unfinished().size(), 1U);
  table.end_build(entry, std::make_unique<UnansweredReport>());
  table.forget_if_idle(key(1), {});
  ASSERT_NE(table.find(key(1)), nullptr);
  EXPECT_EQ(table.unfinished().size(), 1U);
  table.drop_report(entry);
  EXPECT_TRUE(table.unfinished().empty());
  entry.guest.emplace();
  table.forget_if_idle(key(1), {});
  ASSERT_NE(table.find(key(1)), nullptr);
  entry.guest.reset();
  entry.work = 3;
  table.forget_if_idle(key(1), {});
  ASSERT_NE(table.find(key(1)), nullptr);
  entry.work = 0;
  table.forget_if_idle(key(1), {});
  EXPECT_EQ(table.find(key(1)), nullptr);
}

}  // namespace
}  // namespace kilonova::compute
