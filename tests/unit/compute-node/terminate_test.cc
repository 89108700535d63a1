// Deletes: at rest, at nothing, repeated, and older than what is there.
#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

TerminateInstance terminate(uint64_t instance, uint64_t epoch, std::string host = "c0") {
  return {std::move(host), {uuid_of(instance), epoch}, {}};
}

TEST(Terminate, DestroysTheGuestAndConfirmsOnceItIsGone) {
  ComputeWorld world("destroy = 1s");
  world.connect_all();
  world.launch(1, 1);
  world.deliver(kController, terminate(1, 2));
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 0U);
  EXPECT_EQ(world.core->counters().claims, 1U);
  world.run(seconds(1));
  auto confirmed = world.transport->all_to<InstanceTerminated>(kController);
  ASSERT_EQ(confirmed.size(), 1U);
  EXPECT_EQ(confirmed[0], (InstanceTerminated{"c0", {uuid_of(1), 2}}));
  EXPECT_FALSE(world.released(1, 1));  // the controller tells the network
  world.expect_quiet(0);
  EXPECT_EQ(world.core->usage("c0")->used, Resources{});
}

// The controller that called it stale may lose that with its store, and have a row of it again.
TEST(Terminate, WhatWasCalledStaleIsSaidToBeGone) {
  ComputeWorld world("destroy = 1s");
  world.connect_all();
  world.launch(1, 1);
  world.deliver(kController, ReportAnswer{"c0", {uuid_of(1), 1}, ReportAnswer::Verdict::kStale});
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 0U);
  world.run(seconds(1));
  auto confirmed = world.transport->all_to<InstanceTerminated>(kController);
  ASSERT_EQ(confirmed.size(), 1U);
  EXPECT_EQ(confirmed[0], (InstanceTerminated{"c0", {uuid_of(1), 1}}));
  world.expect_quiet(0);
}

// A build, or a server, of a row that the controller's store has lost: nobody else knows that it has addresses.
TEST(Terminate, WhatWasCalledStaleGivesItsAddressesBackWithItsTicket) {
  for (bool built : {false, true}) {
    SCOPED_TRACE(built);
    ComputeWorld world;
    world.connect_all();
    BuildAndRunInstance cast = world.cast_of(1, 1);
    cast.ticket = 4711;
    world.deliver(kScheduler, cast);
    if (built) world.answer_allocations();
    world.deliver(kController, ReportAnswer{"c0", {uuid_of(1), 2}, ReportAnswer::Verdict::kStale});
    auto releases = world.transport->all_to<ReleaseAddresses>(kNetwork);
    ASSERT_EQ(releases.size(), 1U);
    EXPECT_EQ(releases[0].placement, (PlacementId{uuid_of(1), 1}));
    EXPECT_EQ(releases[0].ticket, 4711U);
  }
}

TEST(Terminate, ConfirmsWhenThereIsNothingAndAgainWhenRepeated) {
  ComputeWorld world;
  world.connect_all();
  world.deliver(kController, terminate(1, 2));
  world.deliver(kController, terminate(1, 2));
  world.deliver(kController, terminate(1, 2, "unknown-host"));
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 3U);
  world.expect_quiet(0);
}

TEST(Terminate, ALateCastOfADeletedServerIsRefused) {
  ComputeWorld world;
  world.connect_all();
  world.deliver(kController, terminate(1, 2));
  world.cast(1, 1);
  world.cast(1, 2);
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 0U);
  world.expect_quiet(0);
  world.cast(1, 3);
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 1U);
}

TEST(Terminate, AnOlderOneConfirmsButTouchesNothingNewer) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 5);
  world.deliver(kController, terminate(1, 4));
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 1U);
  world.expect_quiet(1);
  world.cast(2, 5);
  world.deliver(kController, terminate(2, 4));
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 2U);
  world.answer_allocations();
  EXPECT_EQ(world.terminal_reports().size(), 1U);
}

TEST(Terminate, WorksOnAHostWhoseNameIsOnlyInTheJournal) {
  ComputeWorld world;
  world.journal.records[{"gone", uuid_of(1)}] = {.host = "gone", .placement = {uuid_of(1), 1}, .built = true};
  world.connect_all();
  world.deliver(kController, terminate(1, 2, "gone"));
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 1U);
  world.expect_quiet(0);
}

TEST(Terminate, RepeatsWhileItIsUnderWayDestroyOnce) {
  ComputeWorld world("destroy = 1s");
  world.connect_all();
  world.launch(1, 1);
  world.deliver(kController, terminate(1, 2));
  world.run(milliseconds(500));
  world.deliver(kController, terminate(1, 2));
  world.run(milliseconds(500));
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 2U);
  world.expect_quiet(0);
}

TEST(Terminate, ANewerCastDuringADeleteWaitsForIt) {
  ComputeWorld world("destroy = 1s");
  world.connect_all();
  world.launch(1, 1);
  world.deliver(kController, terminate(1, 2));
  world.cast(1, 3);
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 0U);
  world.run(seconds(1));
  EXPECT_EQ(world.transport->count<InstanceTerminated>(), 1U);
  world.answer_allocations();
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  world.answer_report(world.terminal_reports()[0]);
  world.expect_quiet(1);
}

}  // namespace
}  // namespace kilonova::testing
