// A build that goes well: the seven steps, their records, reports and waits.
#include <algorithm>

#include "ports/call_number.h"
#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

std::vector<LaunchStep> steps_of(const std::vector<StepRecord>& records) {
  std::vector<LaunchStep> steps;
  for (const StepRecord& record : records) steps.push_back(record.step);
  return steps;
}

TEST(Build, RunsTheStepsInOrderAndReportsThemAll) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 5);
  auto requests = world.transport->all_to<AllocateAddresses>(kNetwork);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].placement, (PlacementId{uuid_of(1), 5}));
  EXPECT_EQ(requests[0].host, "c0");
  EXPECT_EQ(requests[0].networks, std::vector<Uuid>{uuid_of(88)});
  world.answer_allocations();

  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  const InstanceReport& report = reports[0];
  EXPECT_EQ(report.result, BuildResult::kActive);
  EXPECT_EQ(report.step, LaunchStep::kGuestStarted);
  EXPECT_EQ(report.host, "c0");
  EXPECT_EQ(report.attempt, 1U);
  EXPECT_EQ(report.trace.span_id, 99U);
  EXPECT_EQ(report.decision.chosen, "c0");
  ASSERT_EQ(report.addresses.size(), 1U);
  using enum LaunchStep;
  EXPECT_EQ(steps_of(report.steps), (std::vector{kRunCast, kClaimed, kNetworkRequested, kAddressAllocated,
                                                 kBlockDevicesMapped, kImageReady, kGuestDefined, kGuestStarted}));
  for (const StepRecord& record : report.steps) {
    if (record.step == kRunCast || record.step == kAddressAllocated) continue;
    EXPECT_EQ(record.daemon, "compute-0");
    EXPECT_EQ(record.host, "c0");
    EXPECT_EQ(record.epoch, 5U);
    EXPECT_EQ(record.fault, "");
  }
  // One line in the log for each step that was done here, and they are the same records.
  std::vector<StepRecord> logged;
  for (const LoggedStep& step : world.log.steps) logged.push_back(step.record);
  std::vector<StepRecord> own = report.steps;
  std::erase_if(own, [](const StepRecord& r) { return r.step == kRunCast || r.step == kAddressAllocated; });
  EXPECT_EQ(logged, own);

  world.answer_report(report);
  world.expect_quiet(1);
  const GuestRecord& guest = world.journal.records.begin()->second;
  EXPECT_TRUE(guest.built);
  EXPECT_EQ(guest.power_state, PowerState::kRunning);
  EXPECT_EQ(guest.name, "vm");
  EXPECT_EQ(guest.placement.epoch, 5U);
  EXPECT_EQ(world.core->usage("c0")->used, (Resources{1, 512, 1}));
  EXPECT_EQ(world.core->usage("c0")->instances, 1U);
}

TEST(Build, AnInstantBuildTakesNoTimeAndSendsNoProgress) {
  ComputeWorld world;
  world.connect_all();
  Instant before = world.loop.now();
  world.cast(1, 1);
  world.answer_allocations();
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.loop.now(), before);
  EXPECT_TRUE(world.progress().empty());
}

TEST(Build, StepsTakeTheirTimeAndReportProgress) {
  ComputeWorld world(kSlowTiming);
  world.connect_all();
  world.cast(1, 1);
  EXPECT_FALSE(world.journal.records.size() == 1);  // not claimed yet
  world.run(milliseconds(100));
  ASSERT_EQ(world.journal.records.size(), 1U);
  EXPECT_FALSE(world.journal.records.begin()->second.built);
  world.run(milliseconds(30));
  world.answer_allocations();
  world.run(seconds(3));
  using enum LaunchStep;
  EXPECT_EQ(world.progress(),
            (std::vector{kClaimed, kNetworkRequested, kBlockDevicesMapped, kImageReady, kGuestDefined}));
  // Each says all so far, for who looks before the end.
  for (const InstanceReport& report : world.transport->all<InstanceReport>())
    if (report.result == BuildResult::kProgress) EXPECT_EQ(report.steps.back().step, report.step);
  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  std::vector<int64_t> durations;
  for (const StepRecord& record : reports[0].steps) durations.push_back(record.duration.us / 1000);
  EXPECT_EQ(durations, (std::vector<int64_t>{0, 100, 30, 0, 200, 300, 400, 1100}));
  EXPECT_EQ(reports[0].steps[2].start - reports[0].steps[1].start, milliseconds(100));
}

TEST(Build, DisksAreMadeForEphemeralAndSwapToo) {
  ComputeWorld world("block_device = 100ms");
  world.connect_all();
  BuildAndRunInstance cast = ComputeWorld::cast_of(1, 1);
  cast.spec.flavor.ephemeral_gb = 2;
  cast.spec.flavor.swap_mb = 512;
  world.deliver(kScheduler, cast);
  world.answer_allocations();
  world.run(milliseconds(299));
  EXPECT_TRUE(world.terminal_reports().empty());
  world.run(milliseconds(1));
  EXPECT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.core->usage("c0")->used, (Resources{1, 512, 4}));
}

TEST(Build, OneDownloadServesAllBuildsOfAnImageOnAHost) {
  ComputeWorld world("image_setup = 1s");
  world.connect_all();
  for (uint64_t i = 1; i <= 3; ++i) world.cast(i, 1);
  world.cast(4, 1, "c1");
  world.answer_allocations();
  EXPECT_EQ(world.core->counters().image_downloads, 2U);
  world.run(milliseconds(999));
  EXPECT_TRUE(world.terminal_reports().empty());
  world.run(milliseconds(1));
  EXPECT_EQ(world.terminal_reports().size(), 4U);
  world.cast(5, 1);  // a hit
  world.answer_allocations();
  EXPECT_EQ(world.terminal_reports().size(), 5U);
}

TEST(Build, AnotherBuildTakesTheDownloadOver) {
  ComputeWorld world("image_setup = 1s");
  world.connect_all();
  world.cast(1, 1);
  world.cast(2, 1);
  world.answer_allocations();
  world.run(milliseconds(600));
  world.deliver(kController, TerminateInstance{"c0", {uuid_of(1), 2}, {}});
  world.run(milliseconds(999));
  EXPECT_TRUE(world.terminal_reports().empty());
  world.run(milliseconds(1));
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].placement.instance, uuid_of(2));
}

TEST(Build, NoMoreThanMaxConcurrentBuildsRunOnAHost) {
  ComputeWorld world("claim = 1s", 2, {.max_concurrent_builds = 2});
  world.connect_all();
  for (uint64_t i = 1; i <= 4; ++i) world.cast(i, 1);
  world.cast(5, 1, "c1");
  EXPECT_EQ(world.core->counters().claims, 3U);
  EXPECT_EQ(world.core->counters().building, 5U);
  world.run(seconds(1));
  world.answer_allocations();
  EXPECT_EQ(world.terminal_reports().size(), 3U);
  EXPECT_EQ(world.core->counters().claims, 5U);
  world.run(seconds(1));
  world.answer_allocations();
  EXPECT_EQ(world.terminal_reports().size(), 5U);
}

TEST(Build, ZeroMeansAnyNumberOfBuilds) {
  ComputeWorld world("claim = 1s", 1, {.max_concurrent_builds = 0});
  world.connect_all();
  for (uint64_t i = 1; i <= 4; ++i) world.cast(i, 1);
  EXPECT_EQ(world.core->counters().claims, 4U);
}

TEST(Build, ARepeatedCastIsTheSameCast) {
  ComputeWorld world(kSlowTiming);
  world.connect_all();
  world.cast(1, 1);
  world.cast(1, 1);
  world.run(milliseconds(100));
  world.answer_allocations();
  world.cast(1, 1);
  world.run(seconds(3));
  EXPECT_EQ(world.terminal_reports().size(), 1U);
  world.cast(1, 1);  // its report was not answered: say it again
  ASSERT_EQ(world.terminal_reports().size(), 2U);
  EXPECT_EQ(world.terminal_reports()[0], world.terminal_reports()[1]);
  world.answer_report(world.terminal_reports()[0]);
  world.clear();
  world.cast(1, 1);
  EXPECT_TRUE(world.terminal_reports().empty());
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 0U);
  // The scheduler's debit for it ends all the same.
  auto updates = world.transport->all_to<UsageUpdate>(kScheduler);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].hosts.at(0).settled, (std::vector<PlacementId>{{uuid_of(1), 1}}));
  world.expect_quiet(1);
}

TEST(Build, AnOlderCastIsRefusedAndSettled) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 5);
  world.cast(1, 4);
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 0U);
  auto updates = world.transport->all_to<UsageUpdate>(kScheduler);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_EQ(updates[0].hosts.at(0).settled, (std::vector<PlacementId>{{uuid_of(1), 4}}));
  world.expect_quiet(1);
}

TEST(Build, AHigherEpochSupersedesARunningBuild) {
  ComputeWorld world(kSlowTiming);
  world.connect_all();
  world.cast(1, 1);
  world.run(milliseconds(100));
  world.answer_allocations();
  world.run(milliseconds(300));  // disks exist
  world.cast(1, 2);
  EXPECT_EQ(world.core->counters().building, 1U);
  world.run(milliseconds(800));  // destroys, then claims anew
  world.answer_allocations();
  world.run(seconds(3));
  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].placement.epoch, 2U);
  EXPECT_EQ(reports[0].result, BuildResult::kActive);
  world.answer_report(reports[0]);
  world.expect_quiet(1);
}

TEST(Build, AHigherEpochSupersedesAGuestAndItsUnansweredReport) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1);
  world.answer_allocations();
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  InstanceReport old = world.terminal_reports()[0];
  world.clear();
  world.cast(1, 2);
  world.answer_allocations();
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].placement.epoch, 2U);
  world.answer_report(old);  // an answer to what is gone changes nothing
  world.answer_report(old, ReportAnswer::Verdict::kStale);
  EXPECT_EQ(world.core->counters().unanswered_reports, 1U);
  world.answer_report(world.terminal_reports()[0]);
  world.expect_quiet(1);
}

// It would be the newest for ever.
TEST(Build, AnEpochThatNoServerCanHaveSupersedesNothing) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1);
  world.answer_allocations();
  world.answer_report(world.terminal_reports().at(0));
  world.clear();
  for (uint64_t epoch : {UINT64_MAX, uint64_t{1} << 63, (uint64_t{1} << 32) + 2}) world.cast(1, epoch);
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 0U);
  EXPECT_EQ(world.core->counters().building, 0U);
  world.expect_quiet(1);
  world.cast(1, (uint64_t{1} << 32) + 1);
  world.answer_allocations();
  EXPECT_EQ(world.terminal_reports().size(), 1U);
}

TEST(Build, WaitsForANetworkControllerThatIsNotThereYet) {
  ComputeWorld world;
  world.transport->connect(*world.core, kController);
  world.transport->connect(*world.core, kScheduler);
  world.cast(1, 1);
  world.run(seconds(5));
  EXPECT_TRUE(world.terminal_reports().empty());
  world.transport->connect(*world.core, kNetwork);
  world.run(seconds(1));
  world.answer_allocations();
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].result, BuildResult::kActive);
}

TEST(Build, AsksARestartedNetworkControllerAgain) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1);
  world.run(seconds(2));
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 1U);
  world.transport->connect(*world.core, kNetwork, 2);
  world.run(seconds(1));
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 2U);
  world.answer_allocations();
  EXPECT_EQ(world.terminal_reports().size(), 1U);
  world.answer_report(world.terminal_reports()[0]);
  world.expect_quiet(1);
}

TEST(Build, AsksAgainWhereQuestionOrAnswerIsLost) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1);
  world.run(seconds(2));
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 1U);
  world.run(seconds(3));
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 2U);
  world.answer_allocations();  // both
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].result, BuildResult::kActive);
  world.answer_report(world.terminal_reports()[0]);
  world.expect_quiet(1);
}

// So often that a fifth lost both ways leaves hardly any without an answer, and no oftener.
TEST(Build, AsksAboutTenTimesUntilTheDeadline) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1);
  world.run(seconds(59));
  size_t asked = world.transport->count<AllocateAddresses>();
  EXPECT_GE(asked, 8U);
  EXPECT_LE(asked, 12U);
  EXPECT_TRUE(world.terminal_reports().empty());
  world.run(seconds(2));
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), asked);
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].fault.code, ErrorCode::kDeadlineExceeded);
}

TEST(Build, AReplyForAnEarlierLifeIsNotTakenForOurs) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1);
  const uint64_t count = *own_call(world.transport->incarnation(), world.transport->sent().back().message.call);
  AllocateAddresses other;
  other.placement = {uuid_of(9), 3};
  const uint64_t earlier = call_number(world.transport->incarnation() + 1, count);
  world.deliver(kNetwork, ComputeWorld::reply_to(other), earlier);
  EXPECT_TRUE(world.terminal_reports().empty());
  world.answer_allocations();
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].result, BuildResult::kActive);
}

TEST(Build, CastsForUnknownHostsAndFromStrangersAreIgnored) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1, "elsewhere");
  world.deliver(kNetwork, ComputeWorld::cast_of(2, 1));
  BuildAndRunInstance epochless = ComputeWorld::cast_of(3, 0);
  world.deliver(kScheduler, epochless);
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 0U);
  EXPECT_GE(world.log.events.size(), 2U);
  world.expect_quiet(0);
}

TEST(Build, UnansweredReportsAreSentAgainWithTheHeartbeats) {
  ComputeWorld world;
  world.connect_all();
  world.run(seconds(3));
  world.cast(1, 1);
  world.answer_allocations();
  EXPECT_EQ(world.terminal_reports().size(), 1U);
  world.run(seconds(8));  // a heartbeat at 10 s: the report is only 7 s old
  EXPECT_EQ(world.terminal_reports().size(), 1U);
  world.run(seconds(10));
  ASSERT_EQ(world.terminal_reports().size(), 2U);
  EXPECT_EQ(world.terminal_reports()[0], world.terminal_reports()[1]);
  world.answer_report(world.terminal_reports()[0]);
  world.clear();
  world.run(seconds(30));
  EXPECT_TRUE(world.terminal_reports().empty());
}

}  // namespace
}  // namespace kilonova::testing
