// What schedulers hear of the hosts.
#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

constexpr PeerId kOther{Role::kScheduler, 1};

TEST(Usage, ASchedulerHearsAllFirstThenChangesOnly) {
  ComputeWorld world("", 3);
  world.connect_all();
  auto updates = world.transport->all_to<UsageUpdate>(kScheduler);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_TRUE(updates[0].full);
  ASSERT_EQ(updates[0].hosts.size(), 3U);
  EXPECT_EQ(updates[0].hosts[2].host, "c2");
  EXPECT_EQ(updates[0].hosts[2].total, (Resources{4, 4096, 100}));
  uint64_t version = updates[0].hosts[1].version;
  world.clear();
  world.cast(1, 1, "c1");
  updates = world.transport->all_to<UsageUpdate>(kScheduler);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_FALSE(updates[0].full);
  ASSERT_EQ(updates[0].hosts.size(), 1U);
  EXPECT_EQ(updates[0].hosts[0].host, "c1");
  EXPECT_EQ(updates[0].hosts[0].version, version + 1);
  EXPECT_EQ(updates[0].hosts[0].used, (Resources{1, 512, 1}));
  EXPECT_EQ(updates[0].hosts[0].instances, 1U);
  EXPECT_EQ(updates[0].hosts[0].settled, (std::vector<PlacementId>{{uuid_of(1), 1}}));
}

TEST(Usage, ChangesOfOneRoundTravelTogether) {
  ComputeWorld world;
  world.connect_all();
  world.clear();
  for (uint64_t i = 1; i <= 5; ++i)
    world.transport->deliver(*world.core, kScheduler, ComputeWorld::cast_of(i, 1, i % 2 ? "c0" : "c1"));
  world.run({});
  auto updates = world.transport->all_to<UsageUpdate>(kScheduler);
  ASSERT_EQ(updates.size(), 1U);
  ASSERT_EQ(updates[0].hosts.size(), 2U);
  EXPECT_EQ(updates[0].hosts[0].settled.size(), 3U);
  EXPECT_EQ(updates[0].hosts[1].settled.size(), 2U);
}

TEST(Usage, EverySchedulerHearsAndOnlyANewIncarnationHearsAllAgain) {
  ComputeWorld world;
  world.connect_all();
  world.transport->connect(*world.core, kOther);
  world.run({});
  world.clear();
  world.cast(1, 1);
  EXPECT_EQ(world.transport->all_to<UsageUpdate>(kScheduler), world.transport->all_to<UsageUpdate>(kOther));
  EXPECT_EQ(world.transport->all_to<UsageUpdate>(kOther).size(), 1U);
  world.clear();
  world.transport->connect(*world.core, kScheduler, 1);
  world.run({});
  EXPECT_EQ(world.transport->count<UsageUpdate>(), 0U);
  world.transport->connect(*world.core, kScheduler, 2);
  world.run({});
  ASSERT_EQ(world.transport->count<UsageUpdate>(), 1U);
  EXPECT_TRUE(world.transport->all<UsageUpdate>()[0].full);
  EXPECT_EQ(world.transport->all<UsageUpdate>()[0].hosts[0].instances, 1U);
}

TEST(Usage, NothingIsQueuedForASchedulerThatIsAway) {
  ComputeWorld world;
  world.connect_all();
  world.clear();
  world.transport->disconnect(*world.core, kScheduler);
  world.cast(1, 1);
  world.cast(2, 1);
  world.run(seconds(30));  // refreshes and retries
  EXPECT_EQ(world.transport->count<UsageUpdate>(), 0U);
  world.transport->connect(*world.core, kScheduler, 1);  // the same process
  world.run({});
  auto updates = world.transport->all_to<UsageUpdate>(kScheduler);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_TRUE(updates[0].full);
  EXPECT_EQ(updates[0].hosts[0].instances, 2U);
}

TEST(Usage, ASchedulerThatMissedNothingHearsNothingAgain) {
  ComputeWorld world;
  world.connect_all();
  world.clear();
  world.transport->disconnect(*world.core, kScheduler);
  world.transport->connect(*world.core, kScheduler, 1);
  world.run({});
  EXPECT_EQ(world.transport->count<UsageUpdate>(), 0U);
}

TEST(Usage, ASchedulerWhoseQueueWasFullHearsAllLater) {
  ComputeWorld world;
  world.connect_all();
  world.clear();
  world.transport->set_refusing(kScheduler, true);
  world.cast(1, 1);
  world.transport->set_refusing(kScheduler, false);
  world.cast(2, 1);
  EXPECT_EQ(world.transport->count<UsageUpdate>(), 0U);
  world.run(seconds(10));
  auto updates = world.transport->all_to<UsageUpdate>(kScheduler);
  ASSERT_EQ(updates.size(), 1U);
  EXPECT_TRUE(updates[0].full);
  EXPECT_EQ(updates[0].hosts[0].instances, 2U);
}

TEST(Usage, AllOfManyHostsComesInParts) {
  ComputeWorld world("", 4000);
  world.connect_all();
  auto updates = world.transport->all_to<UsageUpdate>(kScheduler);
  ASSERT_EQ(updates.size(), 2U);
  EXPECT_TRUE(updates[0].full);
  EXPECT_FALSE(updates[1].full);
  EXPECT_EQ(updates[1].hosts.back().host, "c3999");
}

TEST(Usage, ARefusedHostIsNotTold) {
  ComputeWorld world;
  world.connect_all();
  world.deliver(kController, RegisterHostsAnswer{{{"c0", "taken"}}});
  world.transport->connect(*world.core, kOther);
  world.run({});
  auto updates = world.transport->all_to<UsageUpdate>(kOther);
  ASSERT_EQ(updates.size(), 1U);
  ASSERT_EQ(updates[0].hosts.size(), 1U);
  EXPECT_EQ(updates[0].hosts[0].host, "c1");
}

TEST(Usage, AProcessThatDiesBeforeItPublishesHarmsNobody) {
  ComputeWorld world;
  world.connect_all();
  world.transport->deliver(*world.core, kScheduler, ComputeWorld::cast_of(1, 1));
  world.core.reset();
  world.run(seconds(1));
}

}  // namespace
}  // namespace kilonova::testing
