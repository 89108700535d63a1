// A guest that a server moves to: built and left off, on addresses that another placement has too.
#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

void cast_move(ComputeWorld& world, uint64_t epoch, uint64_t shares_with) {
  BuildAndRunInstance cast = ComputeWorld::cast_of(1, epoch);
  cast.shares_with = shares_with;
  world.deliver(kScheduler, cast);
}

TEST(Move, TheGuestIsDefinedAndLeftOff) {
  ComputeWorld world;
  world.connect_all();
  cast_move(world, 2, 1);
  auto asked = world.transport->all_to<AllocateAddresses>(kNetwork);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].shares_with, 1U);
  world.answer_allocations();
  world.run(milliseconds(1));
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].result, BuildResult::kActive);
  EXPECT_EQ(world.terminal_reports()[0].step, LaunchStep::kGuestDefined);
  const GuestRecord& guest = world.journal.records.begin()->second;
  EXPECT_EQ(guest.power_state, PowerState::kShutdown);
  EXPECT_TRUE(guest.built);
  EXPECT_EQ(guest.shares_with, 1U);
}

TEST(Move, WhatIsStaleNamesWhoKeepsTheAddresses) {
  ComputeWorld world;
  world.connect_all();
  cast_move(world, 2, 1);
  world.answer_allocations();
  world.run(milliseconds(1));
  world.clear();
  world.deliver(kController, ReportAnswer{"c0", {uuid_of(1), 2}, ReportAnswer::Verdict::kStale});
  auto released = world.transport->all_to<ReleaseAddresses>(kNetwork);
  ASSERT_EQ(released.size(), 1U);
  EXPECT_EQ(released[0].kept_by, 1U);
  EXPECT_TRUE(world.journal.records.empty());
}

TEST(Move, AlsoAfterARestartAndOfABuildThatWasNotFinished) {
  ComputeWorld world;
  world.connect_all();
  cast_move(world, 2, 1);  // waits for its addresses
  world.boot();
  world.connect_all();
  world.run(milliseconds(1));
  auto released = world.transport->all_to<ReleaseAddresses>(kNetwork);
  ASSERT_FALSE(released.empty());
  EXPECT_EQ(released.back().placement.epoch, 2U);
  EXPECT_EQ(released.back().kept_by, 1U);
}

}  // namespace
}  // namespace kilonova::testing
