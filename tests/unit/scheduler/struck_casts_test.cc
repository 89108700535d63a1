// Injected faults of the scheduler's own steps, 4 and 5.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

struct StruckCasts : ::testing::Test {
  SchedulerWorld world;
};

InjectedFault fault_at(LaunchStep step, Duration delay, bool fails, std::string host = {}) {
  return {.rule_id = 7,
          .step = step,
          .host_pattern = std::move(host),
          .delay = delay,
          .fails = fails,
          .aborts = false,
          .message = "on purpose"};
}

TEST_F(StruckCasts, AFaultOfStepFourIsReportedAndTheOthersArePlaced) {
  world.connect();
  world.host(1, "a");
  SelectDestinations cast = world.cast({placement(1), placement(2)});
  cast.requests[0].faults = {fault_at(LaunchStep::kHostSelected, {}, true)};
  world.deliver(cast);
  EXPECT_EQ(world.runs().size(), 1u);
  auto reports = world.transport.take<InstanceReport>();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].placement, placement(1));
  EXPECT_EQ(reports[0].host, "");
  EXPECT_EQ(reports[0].result, BuildResult::kRescheduled);
  EXPECT_EQ(reports[0].steps.back().fault_rule, 7U);
  EXPECT_EQ(reports[0].steps.back().step, LaunchStep::kHostSelected);
  EXPECT_THAT(reports[0].fault.message, ::testing::HasSubstr("was re-scheduled: on purpose"));
  EXPECT_EQ(world.core.core_state().hosts.debit_count(), 1u);
}

TEST_F(StruckCasts, AFaultOfStepFiveStrikesTheChosenHost) {
  world.connect();
  world.host(1, "a");
  SelectDestinations cast = world.cast({placement(1)});
  cast.requests[0].faults = {fault_at(LaunchStep::kRunCast, {}, true, "b*")};
  world.deliver(cast);
  EXPECT_EQ(world.runs().size(), 1u) << "another host's";
  cast = world.cast({placement(2)});
  cast.requests[0].faults = {fault_at(LaunchStep::kRunCast, {}, true, "a*")};
  world.deliver(cast);
  world.loop.run_until(world.loop.now() + milliseconds(1));
  EXPECT_TRUE(world.runs().empty());
  auto reports = world.transport.take<InstanceReport>();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].host, "a");
  EXPECT_EQ(reports[0].decision.chosen, "a");
  EXPECT_EQ(reports[0].steps.back().step, LaunchStep::kRunCast);
  EXPECT_EQ(world.core.core_state().hosts.debit_count(), 1u) << "that of the first";
}

// What waits is not done: the watermark that the controller hears stays behind it.
TEST_F(StruckCasts, DelaysHoldTheirCastsAndNothingElse) {
  for (LaunchStep step : {LaunchStep::kHostSelected, LaunchStep::kRunCast}) {
    SchedulerWorld own;
    own.connect();
    own.host(1, "a");
    SelectDestinations slow = own.cast({placement(1)});
    slow.requests[0].faults = {fault_at(step, seconds(25), false)};
    own.deliver(slow);
    own.deliver(slow);  // repeated
    own.deliver(own.cast({placement(2)}));
    own.loop.run_until(own.loop.now() + seconds(12));
    EXPECT_EQ(own.runs().size(), 1u) << to_string(step);
    EXPECT_EQ(own.transport.take<SchedulerHeartbeat>().back().cast_watermark, 0u) << to_string(step);
    own.loop.run_until(own.loop.now() + seconds(25));
    auto runs = own.runs();
    ASSERT_EQ(runs.size(), 1u) << to_string(step);
    EXPECT_EQ(runs[0].placement, placement(1));
    EXPECT_EQ(own.transport.take<SchedulerHeartbeat>().back().cast_watermark, 2u) << to_string(step);
  }
}

}  // namespace
}  // namespace kilonova::scheduler
