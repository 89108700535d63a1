#include "compute-node/core/resource_tracker.h"

#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::compute {
namespace {

using kilonova::testing::uuid_of;

struct TrackerTest : ::testing::Test {
  PlacementId placement(uint64_t n) { return {uuid_of(n), 1}; }
  int told = 0;
  ResourceTracker tracker{{{4, 1000, 100}, {1, 1, 1}}, AllocationRatios{}, [this] { ++told; }};
};

TEST_F(TrackerTest, ClaimsUpToTheRatiosAndGivesBack) {
  std::vector<Claim> claims;
  for (uint64_t i = 0; i < 3; ++i) {
    auto claim = tracker.instance_claim(0, placement(i), {4, 500, 10});
    ASSERT_TRUE(claim.has_value()) << i;
    claims.push_back(std::move(*claim));
  }
  EXPECT_EQ(tracker.usage(0).used, (Resources{12, 1500, 30}));
  auto refused = tracker.instance_claim(0, placement(9), {1, 1, 71});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(
      refused.error().message,
      "Insufficient compute resources: Free memory 0.00 MB < requested 1 MB; Free disk 70.00 GB < requested 71 GB.");
  claims.erase(claims.begin());
  EXPECT_EQ(tracker.usage(0).used, (Resources{8, 1000, 20}));
  EXPECT_EQ(tracker.usage(0).instances, 2U);
  claims[0] = Claim();
  claims[0] = std::move(claims[1]);
  EXPECT_EQ(tracker.usage(0).instances, 1U);
  claims.clear();
  EXPECT_EQ(tracker.usage(0).used, Resources{});
  EXPECT_EQ(tracker.usage(0).instances, 0U);
}

TEST_F(TrackerTest, OneServerNeverHasMoreThanTheHost) {
  auto claim = tracker.instance_claim(0, placement(1), {5, 1, 1});
  ASSERT_FALSE(claim.has_value());
  EXPECT_EQ(claim.error().message, "Insufficient compute resources: Total CPUs 4 VCPU < requested 5 VCPU.");
  EXPECT_FALSE(tracker.instance_claim(0, placement(1), {-1, 1, 1}).has_value());
  EXPECT_EQ(tracker.usage(0).used, Resources{});
}

TEST_F(TrackerTest, AdoptsWhatIsThereEvenIfItDoesNotFit) {
  Claim claim = tracker.adopt(1, placement(1), {9, 9, 9});
  EXPECT_EQ(tracker.usage(1).used, (Resources{9, 9, 9}));
  EXPECT_FALSE(tracker.instance_claim(1, placement(2), {1, 0, 0}).has_value() &&
               tracker.instance_claim(1, placement(2), {1, 1, 0}).has_value());
}

TEST_F(TrackerTest, ChangesAreToldOnceAndCollected) {
  EXPECT_EQ(told, 0);
  uint64_t version = tracker.usage(0).version;
  Claim claim = *tracker.instance_claim(0, placement(1), {1, 1, 1});
  tracker.settle(1, placement(2));
  claim.release();
  claim.release();
  EXPECT_EQ(told, 1);
  auto changes = tracker.take_changes();
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].host, 0U);
  EXPECT_EQ(changes[0].settled, (std::vector{placement(1), placement(1)}));
  EXPECT_EQ(changes[1].settled, (std::vector{placement(2)}));
  EXPECT_EQ(tracker.usage(0).version, version + 1);
  EXPECT_TRUE(tracker.take_changes().empty());
  tracker.settle(0, placement(3));
  EXPECT_EQ(told, 2);
  EXPECT_EQ(tracker.usage(0).version, version + 2);
}

}  // namespace
}  // namespace kilonova::compute
