// What a compute process finds in its journal, and what it says about it.
#include "domain/server_actions.h"
#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

TEST(Restart, BuiltGuestsAreKeptWithTheirClaimsAndReported) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 3);
  world.boot();
  world.connect_all();
  EXPECT_EQ(world.core->usage("c0")->used, (Resources{1, 512, 1}));
  auto parts = world.transport->all_to<RegisterHosts>(kController);
  ASSERT_EQ(parts.size(), 1U);
  ASSERT_EQ(parts[0].guests.size(), 1U);
  EXPECT_EQ(parts[0].guests[0], (GuestInfo{"c0", {uuid_of(1), 3}, PowerState::kRunning, true}));
  EXPECT_TRUE(world.terminal_reports().empty());
  world.cast(1, 2);  // the fence is in the journal too
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 0U);
  world.expect_quiet(1);
}

TEST(Restart, AStoppedGuestIsReportedStopped) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 1);
  world.deliver(kController, ApplyServerAction{"c0", {uuid_of(1), 1}, 1, ServerActionKind::kStop, {}});
  world.boot();
  world.connect_all();
  EXPECT_EQ(world.transport->all<RegisterHosts>().at(0).guests.at(0).power_state, PowerState::kShutdown);
}

TEST(Restart, AnUnfinishedBuildIsDestroyedAndReportedLostUntilAnswered) {
  ComputeWorld world("destroy = 1s");
  world.connect_all();
  world.cast(1, 3);
  ASSERT_EQ(world.journal.records.size(), 1U);
  world.boot();
  world.connect_all();
  EXPECT_TRUE(world.transport->all<RegisterHosts>().at(0).guests.empty());
  EXPECT_EQ(world.transport->all<ComputeHeartbeat>().at(0).unfinished.size(), 1U);
  world.run(seconds(1));
  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].result, BuildResult::kLost);
  EXPECT_EQ(reports[0].placement, (PlacementId{uuid_of(1), 3}));
  EXPECT_EQ(reports[0].host, "c0");
  EXPECT_TRUE(world.released(1, 3));
  world.run(seconds(20));
  EXPECT_GE(world.terminal_reports().size(), 2U);
  world.answer_report(reports[0]);
  world.confirm_releases();
  EXPECT_EQ(world.core->counters().unconfirmed_releases, 0U);
  world.expect_quiet(0);
}

TEST(Restart, ABuildThatWasFinishedButNotAnsweredForIsAGuest) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 3);
  world.answer_allocations();
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  world.boot();
  world.connect_all();
  EXPECT_EQ(world.transport->all<RegisterHosts>().at(0).guests.size(), 1U);
}

TEST(Restart, AStaleGuestIsDestroyedWhenTheControllerSaysSo) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 3);
  world.boot();
  world.connect_all();
  world.deliver(kController, ReportAnswer{"c0", {uuid_of(1), 3}, ReportAnswer::Verdict::kStale});
  EXPECT_TRUE(world.released(1, 3));
  world.confirm_releases();
  world.expect_quiet(0);
}

TEST(Restart, GuestsOfHostsThatAreNotCarriedAnyMoreStayInTheJournal) {
  ComputeWorld world;
  world.journal.records[{"gone", uuid_of(1)}] = {.host = "gone", .placement = {uuid_of(1), 1}, .built = true};
  world.boot();
  world.connect_all();
  EXPECT_TRUE(world.transport->all<RegisterHosts>().at(0).guests.empty());
  EXPECT_EQ(world.journal.records.size(), 1U);
  EXPECT_FALSE(world.log.events.empty());
}

TEST(Restart, ACorruptJournalIsAnError) {
  ComputeWorld world;
  world.journal.refusing_puts = true;
  compute::ComputeCore core({world.loop, *world.transport, world.log, world.journal, *world.hypervisor, Random(9)}, {},
                            small_hosts(1));
  Expected<> started = core.start();
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace kilonova::testing
