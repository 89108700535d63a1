// Builds that fail: what is reported, and that everything is given back.
#include <array>

#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

void expect_all_released(ComputeWorld& world) {
  world.confirm_releases();
  EXPECT_EQ(world.core->counters().unconfirmed_releases, 0U);
  world.expect_quiet(0);
}

TEST(BuildFailure, AHostWithoutRoomReschedules) {
  ComputeWorld world;
  world.connect_all();
  BuildAndRunInstance cast = ComputeWorld::cast_of(1, 1);
  cast.spec.flavor.memory_mb = 5000;  // more than the host has, whatever the ratio
  cast.spec.flavor.vcpus = 3;
  world.deliver(kScheduler, cast);
  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].result, BuildResult::kRescheduled);
  EXPECT_EQ(reports[0].fault.code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(reports[0].fault.message, "Build of instance " + to_string(uuid_of(1)) +
                                          " was re-scheduled: Insufficient compute resources: "
                                          "Total memory 4096 MB < requested 5000 MB.");
  EXPECT_EQ(reports[0].alternates, cast.alternates);
  EXPECT_EQ(reports[0].step, LaunchStep::kNone);
  EXPECT_EQ(reports[0].steps.back().step, LaunchStep::kClaimed);
  EXPECT_EQ(reports[0].steps.back().fault, reports[0].fault.message);
  EXPECT_FALSE(world.released(1, 1));  // no address was asked for
  world.answer_report(reports[0]);
  expect_all_released(world);
  EXPECT_EQ(world.core->counters().fences, 1U);
}

TEST(BuildFailure, OnlyOneOfTwoThatWantTheLastRoomGetsIt) {
  ComputeWorld world(kSlowTiming, 1);
  world.connect_all();
  for (uint64_t i = 1; i <= 2; ++i) {
    BuildAndRunInstance cast = ComputeWorld::cast_of(i, 1);
    cast.spec.flavor.memory_mb = 4000;
    world.deliver(kScheduler, cast);
  }
  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].placement.instance, uuid_of(2));
  EXPECT_EQ(reports[0].result, BuildResult::kRescheduled);
  EXPECT_EQ(world.core->usage("c0")->used, (Resources{1, 4000, 1}));
}

TEST(BuildFailure, ExhaustedNetworksAbort) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1);
  world.answer_allocations({ErrorCode::kResourceExhausted, "No more IP addresses available on network private"});
  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].result, BuildResult::kFailed);
  EXPECT_EQ(reports[0].fault.message, "Build of instance " + to_string(uuid_of(1)) +
                                          " aborted: No more IP addresses available on network private");
  EXPECT_EQ(reports[0].steps.back().step, LaunchStep::kAddressAllocated);
  world.answer_report(reports[0]);
  expect_all_released(world);
}

TEST(BuildFailure, AStaleAllocationEndsTheBuildSilently) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1);
  world.answer_allocations({ErrorCode::kConflict, "stale"});
  EXPECT_TRUE(world.terminal_reports().empty());
  expect_all_released(world);
}

TEST(BuildFailure, ANetworkThatDoesNotAnswerAbortsAndIsAskedToRelease) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1);
  world.run(milliseconds(59'999));
  EXPECT_TRUE(world.terminal_reports().empty());
  world.run(milliseconds(1));
  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].result, BuildResult::kFailed);
  EXPECT_EQ(reports[0].fault.code, ErrorCode::kDeadlineExceeded);
  EXPECT_TRUE(world.released(1, 1));
  world.answer_report(reports[0]);
  world.answer_allocations();  // too late
  size_t asked = world.transport->count<ReleaseAddresses>();
  world.run(seconds(20));
  EXPECT_EQ(world.transport->count<ReleaseAddresses>(), asked + 2);
  EXPECT_EQ(world.core->counters().unconfirmed_releases, 1U);
  expect_all_released(world);
  world.run(seconds(60));
  EXPECT_EQ(world.transport->count<ReleaseAddresses>(), 0U);
}

TEST(BuildFailure, AReleaseIsSentBeforeTheReportAndAgainToARestartedNetwork) {
  ComputeWorld world;
  world.connect_all();
  BuildAndRunInstance cast = ComputeWorld::cast_of(1, 1);
  cast.faults = {{.rule_id = 4, .step = LaunchStep::kGuestDefined, .message = "no"}};
  world.deliver(kScheduler, cast);
  world.answer_allocations();
  size_t release = 0, report = 0;
  const auto& sent = world.transport->sent();
  for (size_t i = 0; i < sent.size(); ++i) {
    if (holds_alternative<ReleaseAddresses>(sent[i].message.body)) release = i;
    if (holds_alternative<InstanceReport>(sent[i].message.body)) report = i;
  }
  EXPECT_GT(release, 0U);
  EXPECT_LT(release, report);
  world.transport->connect(*world.core, kNetwork, 2);
  EXPECT_EQ(world.transport->count<ReleaseAddresses>(), 2U);
}

// Each step of compute, failing in each way: the report says so, and nothing is kept.
TEST(BuildFailure, EveryStepThatFailsGivesEverythingBack) {
  using enum LaunchStep;
  for (std::string_view timing : {std::string_view(), kSlowTiming}) {
    for (LaunchStep step : {kClaimed, kNetworkRequested, kAddressAllocated, kBlockDevicesMapped, kImageReady,
                            kGuestDefined, kGuestStarted}) {
      for (bool aborts : {false, true}) {
        SCOPED_TRACE(std::string(to_string(step)) + (aborts ? " aborts" : " reschedules"));
        ComputeWorld world(timing);
        world.connect_all();
        BuildAndRunInstance cast = ComputeWorld::cast_of(1, 1);
        cast.faults = {{.rule_id = 7, .step = step, .host_pattern = "c?", .aborts = aborts, .message = "boom"},
                       {.rule_id = 8, .step = step, .host_pattern = "other"}};
        world.deliver(kScheduler, cast);
        for (int i = 0; i < 50; ++i) {
          world.answer_allocations();
          world.run(milliseconds(100));
        }
        auto reports = world.terminal_reports();
        ASSERT_EQ(reports.size(), 1U);
        EXPECT_EQ(reports[0].result, aborts ? BuildResult::kFailed : BuildResult::kRescheduled);
        EXPECT_NE(reports[0].fault.message.find("boom"), std::string::npos);
        EXPECT_EQ(reports[0].steps.back().fault_rule, 7U);
        EXPECT_EQ(reports[0].steps.back().step, step);
        EXPECT_NE(reports[0].steps.back().fault.find("boom"), std::string::npos);
        EXPECT_LT(reports[0].step, step == kAddressAllocated ? kBlockDevicesMapped : step);
        EXPECT_EQ(world.released(1, 1), step > kNetworkRequested);
        world.answer_report(reports[0]);
        expect_all_released(world);
      }
    }
  }
}

TEST(BuildFailure, ADelayingFaultOnlyDelaysAndIsReportedAsStruck) {
  ComputeWorld world;
  world.connect_all();
  BuildAndRunInstance cast = ComputeWorld::cast_of(1, 1);
  cast.faults = {{.rule_id = 3, .step = LaunchStep::kImageReady, .delay = seconds(2), .fails = false}};
  world.deliver(kScheduler, cast);
  world.answer_allocations();
  world.run(milliseconds(1999));
  EXPECT_TRUE(world.terminal_reports().empty());
  world.run(milliseconds(1));
  auto reports = world.terminal_reports();
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].result, BuildResult::kActive);
  auto image = std::ranges::find(reports[0].steps, LaunchStep::kImageReady, &StepRecord::step);
  ASSERT_NE(image, reports[0].steps.end());
  EXPECT_EQ(image->fault_rule, 3U);
}

TEST(BuildFailure, AJournalThatRefusesReschedules) {
  ComputeWorld world;
  world.connect_all();
  world.journal.refusing_puts = true;
  world.cast(1, 1);
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].result, BuildResult::kRescheduled);
  world.journal.refusing_puts = false;
  world.answer_report(world.terminal_reports()[0]);
  expect_all_released(world);

  world.clear();
  world.cast(2, 1);  // and when only the last record is refused
  world.journal.refusing_puts = true;
  world.answer_allocations();
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_EQ(world.terminal_reports()[0].result, BuildResult::kRescheduled);
  EXPECT_EQ(world.terminal_reports()[0].steps.back().step, LaunchStep::kGuestStarted);
  EXPECT_TRUE(world.released(2, 1));
  world.answer_report(world.terminal_reports()[0]);
  expect_all_released(world);
}

TEST(BuildFailure, AJournalThatDoesNotForgetIsTriedAgain) {
  ComputeWorld world;
  world.connect_all();
  world.cast(1, 1);
  world.journal.refusing_erasures = true;
  world.answer_allocations({ErrorCode::kResourceExhausted, "full"});
  world.run(seconds(3));
  EXPECT_TRUE(world.terminal_reports().empty());
  EXPECT_EQ(world.core->counters().claims, 1U);
  world.journal.refusing_erasures = false;
  world.run(seconds(1));
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  world.answer_report(world.terminal_reports()[0]);
  expect_all_released(world);
}

TEST(BuildFailure, AFailedSuccessorAsksBackTheAddressesOfWhatItSuperseded) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 1);
  BuildAndRunInstance cast = ComputeWorld::cast_of(1, 2);
  cast.faults = {{.rule_id = 1, .step = LaunchStep::kClaimed, .message = "no"}};
  world.deliver(kScheduler, cast);
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  EXPECT_TRUE(world.released(1, 2));
  world.answer_report(world.terminal_reports()[0]);
  expect_all_released(world);
}

}  // namespace
}  // namespace kilonova::testing
