// One host of a process loses its power while the others go on.
#include "domain/api.h"
#include "domain/server_actions.h"
#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

TEST(HostCrash, ItsGuestsAreOffAndTheControllerIsToldSo) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 1, "c0");
  world.launch(2, 1, "c1");
  ASSERT_TRUE(world.core->crash_host("c0"));
  world.run(seconds(10));
  EXPECT_EQ(world.transport->all<ComputeHeartbeat>().back().hosts_down, std::vector<std::string>{"c0"});
  EXPECT_EQ(world.core->usage("c0")->instances, 1U) << "its disks are still there";
  world.clear();

  ASSERT_TRUE(world.core->start_host("c0"));
  world.run(milliseconds(0));
  EXPECT_TRUE(world.transport->all<ComputeHeartbeat>().at(0).hosts_down.empty());
  EXPECT_EQ(world.transport->all<RegisterHosts>().at(0).guests.at(0),
            (GuestInfo{"c0", {uuid_of(1), 1}, PowerState::kShutdown, true}));
}

TEST(HostCrash, APausedGuestIsOffToo) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 1, "c0");
  world.deliver(kController, ApplyServerAction{"c0", {uuid_of(1), 1}, 1, ServerActionKind::kPause, {}});
  world.run(seconds(10));
  ASSERT_TRUE(world.core->crash_host("c0"));
  world.clear();
  ASSERT_TRUE(world.core->start_host("c0"));
  world.run(milliseconds(0));
  EXPECT_EQ(world.transport->all<RegisterHosts>().at(0).guests.at(0).power_state, PowerState::kShutdown);
}

TEST(HostCrash, ThePowerIsTakenAndGivenBackByACall) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 1, "c0");
  world.clear();
  world.deliver(kController, ApiCall{{}, {}, SetHostPower{"c0", false}}, 5);
  EXPECT_EQ(world.transport->take<ComputeHeartbeat>().at(0).hosts_down, std::vector<std::string>{"c0"});
  world.deliver(kController, ApiCall{{}, {}, SetHostPower{"c0", true}}, 6);
  EXPECT_TRUE(world.transport->all<ComputeHeartbeat>().back().hosts_down.empty());
  world.deliver(kController, ApiCall{{}, {}, SetHostPower{"nowhere", false}}, 7);
  std::vector<ApiReply> replies = world.transport->take<ApiReply>();
  ASSERT_EQ(replies.size(), 3u);
  EXPECT_TRUE(replies[0].result && replies[1].result);
  EXPECT_EQ(replies[2].result.error().code, ErrorCode::kNotFound);
}

// As with Nova's periodic sync_power_states.
TEST(HostCrash, EachAuditTellsAgainInWhichPowerStateGuestsAre) {
  ComputeWorld world("", 2, {.audit_interval = seconds(100)});
  world.connect_all();
  world.launch(1, 1, "c0");
  world.launch(2, 1, "c1");
  world.core->crash_host("c0");
  world.core->start_host("c0");
  world.run(milliseconds(0));
  world.deliver(kController, RegisterHostsAnswer{});
  world.clear();
  world.run(seconds(101));
  auto queries = world.transport->all<OwnershipQuery>();
  ASSERT_EQ(queries.size(), 1U);
  EXPECT_EQ(queries[0].held, (std::vector<PlacementId>{{uuid_of(1), 1}, {uuid_of(2), 1}}));
  EXPECT_EQ(queries[0].digests, (std::vector<uint64_t>{static_cast<uint64_t>(PowerState::kShutdown),
                                                       static_cast<uint64_t>(PowerState::kRunning)}));
}

TEST(HostCrash, WhileItIsDownItHearsAndSaysNothing) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 1);
  world.core->crash_host("c0");
  world.clear();
  world.cast(2, 1);
  world.deliver(kController, TerminateInstance{"c0", {uuid_of(1), 2}, {}});
  world.deliver(kController, ApplyServerAction{"c0", {uuid_of(1), 1}, 1, ServerActionKind::kStart, {}});
  world.deliver(kController, ReportAnswer{"c0", {uuid_of(1), 1}, ReportAnswer::Verdict::kStale});
  world.deliver(kController, OwnershipAnswer{{{uuid_of(1), 1}}});
  world.run(seconds(5));
  EXPECT_TRUE(world.transport->sent().empty());
  EXPECT_EQ(world.core->counters().guests, 1U);
  EXPECT_EQ(world.core->counters().building, 0U);
}

TEST(HostCrash, ABuildInTheMiddleIsDestroyedAndReportedLostWhenItReturns) {
  ComputeWorld world(kSlowTiming);
  world.connect_all();
  world.cast(1, 3);
  world.run(milliseconds(200));
  world.answer_allocations();
  world.run(milliseconds(300));
  ASSERT_EQ(world.core->counters().building, 1U);
  world.core->crash_host("c0");
  EXPECT_EQ(world.core->counters().building, 0U);
  EXPECT_EQ(world.core->counters().build_slots_taken, 0U);
  EXPECT_EQ(world.core->counters().instance_locks, 0U);
  world.run(seconds(30));
  EXPECT_TRUE(world.terminal_reports().empty());
  for (const ComputeHeartbeat& heartbeat : world.transport->all<ComputeHeartbeat>())
    if (!heartbeat.hosts_down.empty()) EXPECT_TRUE(heartbeat.unfinished.empty());

  world.core->start_host("c0");
  world.run(seconds(2));
  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].result, BuildResult::kLost);
  EXPECT_TRUE(world.released(1, 3));
  world.answer_report(reports[0]);
  world.confirm_releases();
  world.expect_quiet(0);
}

// The delete was heard and forgotten; the guest is stale when it is told of again.
TEST(HostCrash, ADeleteThatWasUnderWayIsDoneWhenItReturns) {
  ComputeWorld world("destroy = 5s");
  world.connect_all();
  world.launch(1, 1);
  world.deliver(kController, TerminateInstance{"c0", {uuid_of(1), 2}, {}});
  world.core->crash_host("c0");
  world.core->start_host("c0");
  world.run(milliseconds(0));
  ASSERT_EQ(world.transport->all<RegisterHosts>().back().guests.size(), 1U);
  world.deliver(kController, ReportAnswer{"c0", {uuid_of(1), 1}, ReportAnswer::Verdict::kStale});
  world.run(seconds(6));
  EXPECT_EQ(world.core->counters().guests, 0U);
  EXPECT_TRUE(world.journal.records.empty());
}

TEST(HostCrash, WorkOfTheProcesssOtherHostsGoesOn) {
  ComputeWorld world(kSlowTiming);
  world.connect_all();
  world.cast(1, 1, "c1");
  world.core->crash_host("c0");
  for (int i = 0; i < 30; ++i) {
    world.answer_allocations();
    world.run(milliseconds(100));
  }
  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].result, BuildResult::kActive);
}

TEST(HostCrash, TwiceIsOnceAndUnknownHostsAreRefused) {
  ComputeWorld world;
  EXPECT_FALSE(world.core->crash_host("nowhere"));
  EXPECT_FALSE(world.core->start_host("nowhere"));
  EXPECT_TRUE(world.core->start_host("c0"));
  EXPECT_TRUE(world.core->crash_host("c0"));
  EXPECT_TRUE(world.core->crash_host("c0"));
  EXPECT_TRUE(world.core->start_host("c0"));
}

}  // namespace
}  // namespace kilonova::testing
