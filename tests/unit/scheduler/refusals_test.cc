// What is said when no host is found: Nova's sentence to everybody, filters and room to administrators.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

struct Refusals : ::testing::Test {
  SchedulerWorld world;
};

TEST_F(Refusals, NoHostNamesTheFilter) {
  world.connect();
  world.host(1, "a");
  world.deliver(world.cast({placement(1)}, flavor(9, 1, 1)));
  auto refusals = world.refusals();
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].placements, std::vector<PlacementId>{placement(1)});
  EXPECT_EQ(refusals[0].reason, "No valid host was found. There are not enough hosts available.");
  EXPECT_EQ(refusals[0].decision.filters.back(), (FilterCount{"CapacityFilter", 0}));
  EXPECT_EQ(refusals[0].decision.reason, refusals[0].reason);
  // How many hosts there are and how much room they have is for administrators.
  EXPECT_EQ(refusals[0].decision.explanation,
            "Of 1 hosts, CapacityFilter left none. No host has 9 vcpus free (most free: 8, ratio 16).");
  EXPECT_EQ(refusals[0].decision.ratios, AllocationRatios());
  EXPECT_EQ(refusals[0].decision.chosen, "");
  EXPECT_EQ(refusals[0].decision.epoch, 1u);
  ASSERT_EQ(refusals[0].steps.size(), 2u);
  EXPECT_EQ(refusals[0].steps[1].step, LaunchStep::kHostSelected);
  EXPECT_EQ(refusals[0].steps[1].fault, refusals[0].reason);
  EXPECT_EQ(world.core.core_state().cast_watermark, 1u);
  EXPECT_EQ(world.log.steps.size(), 1u);
}

TEST_F(Refusals, ABatchIsPlacedAllOrNone) {
  world.connect();
  world.host(1, "a", {2, 16384, 100});
  SchedulerOptions options;
  Flavor half = flavor(2, 8192 + 4096, 10);  // two of them fit in memory (1.5), no more
  world.deliver(world.cast({placement(1), placement(2), placement(3)}, half));
  EXPECT_TRUE(world.runs().empty());
  auto refusals = world.refusals();
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].placements.size(), 3u);
  EXPECT_EQ(refusals[0].reason, "No valid host was found. There are not enough hosts available.");
  EXPECT_THAT(refusals[0].decision.explanation, ::testing::StartsWith("Hosts were found for 2 of 3 servers. Of 1 hosts"));
  EXPECT_EQ(world.core.core_state().hosts.debit_count(), 0u);
  EXPECT_EQ(world.state("a").used(), Resources{});
  EXPECT_EQ(world.log.steps.size(), 3u);

  world.deliver(world.cast({placement(4), placement(5)}, half));
  EXPECT_EQ(world.runs().size(), 2u);
}

}  // namespace
}  // namespace kilonova::scheduler
