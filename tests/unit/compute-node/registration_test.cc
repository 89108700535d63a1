#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

TEST(Registration, NamesTheHostsThenBeatsAtOnceAndEveryInterval) {
  ComputeWorld world("", 2, {.reserved_host_memory_mb = 96});
  world.transport->connect(*world.core, kController);
  world.run({});
  ASSERT_EQ(world.transport->sent().size(), 2U);
  const auto* registration = get_if<RegisterHosts>(&world.transport->sent()[0].message.body);
  ASSERT_NE(registration, nullptr);
  EXPECT_TRUE(registration->last);
  ASSERT_EQ(registration->hosts.size(), 2U);
  EXPECT_EQ(registration->hosts[1], (HostInfo{"c1", "nova", {4, 4000, 100}}));
  EXPECT_EQ(world.transport->count<ComputeHeartbeat>(), 1U);
  world.deliver(kController, RegisterHostsAnswer{});
  world.run(seconds(30));
  EXPECT_EQ(world.transport->count<ComputeHeartbeat>(), 4U);
  EXPECT_EQ(world.transport->count<RegisterHosts>(), 1U);
}

TEST(Registration, IsSaidAgainUntilItIsAnswered) {
  ComputeWorld world;
  world.transport->connect(*world.core, kController);
  world.run(seconds(10));
  EXPECT_EQ(world.transport->count<RegisterHosts>(), 2U);
  EXPECT_FALSE(world.core->registered());
  world.deliver(kController, RegisterHostsAnswer{});
  EXPECT_TRUE(world.core->registered());
  world.run(seconds(60));
  EXPECT_EQ(world.transport->count<RegisterHosts>(), 2U);
}

TEST(Registration, ComesInPartsOfAtMostTwoThousandRecords) {
  ComputeWorld world("", 4500);
  world.transport->connect(*world.core, kController);
  world.run({});
  auto parts = world.transport->all_to<RegisterHosts>(kController);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].hosts.size(), 2000U);
  EXPECT_FALSE(parts[0].last);
  EXPECT_FALSE(parts[1].last);
  EXPECT_EQ(parts[2].hosts.size(), 500U);
  EXPECT_TRUE(parts[2].last);
}

// Hosts were divided anew, and the process that had one had not registered yet without it.
TEST(Registration, OfARefusedHostIsSaidAgainUntilItIsTaken) {
  ComputeWorld world("", 3);
  world.transport->connect(*world.core, kController);
  world.run({});
  world.deliver(kController, RegisterHostsAnswer{{{"c1", "host 'c1' is already carried by compute-1"}}});
  world.clear();
  world.run(seconds(10));
  auto again = world.transport->all_to<RegisterHosts>(kController);
  ASSERT_EQ(again.size(), 1U);
  ASSERT_EQ(again[0].hosts.size(), 1U);
  EXPECT_EQ(again[0].hosts[0].name, "c1");
  EXPECT_TRUE(again[0].last);
  EXPECT_TRUE(world.core->registered());
  world.deliver(kController, RegisterHostsAnswer{{{"c1", "host 'c1' is already carried by compute-1"}}});
  world.clear();
  world.run(seconds(10));
  EXPECT_EQ(world.transport->count<RegisterHosts>(), 1U);
  world.deliver(kController, RegisterHostsAnswer{});
  world.clear();
  world.run(seconds(60));
  EXPECT_EQ(world.transport->count<RegisterHosts>(), 0U);
}

TEST(Registration, ADeletedHostIsRegisteredNoMoreInThisLife) {
  ComputeWorld world("", 3);
  world.connect_all();
  const Incarnation life = world.transport->incarnation();
  world.deliver(kController, HostsDeleted{life + 1, {"c0"}});  // of another life
  world.deliver(kController, HostsDeleted{life, {"c1", "no such host"}});
  world.clear();
  world.transport->disconnect(*world.core, kController);
  world.transport->connect(*world.core, kController, 2);
  world.run({});
  auto again = world.transport->all_to<RegisterHosts>(kController);
  ASSERT_EQ(again.size(), 1U);
  ASSERT_EQ(again[0].hosts.size(), 2U);
  EXPECT_EQ(again[0].hosts[0].name, "c0");
  EXPECT_EQ(again[0].hosts[1].name, "c2");
  world.deliver(kController, RegisterHostsAnswer{});
  world.clear();
  EXPECT_TRUE(world.core->crash_host("c1"));
  world.run(seconds(20));
  for (const ComputeHeartbeat& beat : world.transport->all_to<ComputeHeartbeat>(kController))
    EXPECT_TRUE(beat.hosts_down.empty());
}

TEST(Registration, WhereThatIsNotAnsweredAllIsSaidAgain) {
  ComputeWorld world("", 2);
  world.transport->connect(*world.core, kController);
  world.run({});
  world.deliver(kController, RegisterHostsAnswer{{{"c1", "it is another's"}}});
  world.run(seconds(10));
  world.clear();
  world.run(seconds(10));
  auto all = world.transport->all_to<RegisterHosts>(kController);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].hosts.size(), 2U);
}

TEST(Registration, IsRepeatedToANewControllerOnly) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 1);
  world.transport->disconnect(*world.core, kController);
  world.run(seconds(60));
  EXPECT_EQ(world.transport->count<ComputeHeartbeat>(), 0U);
  world.transport->connect(*world.core, kController, 1);
  world.run({});
  EXPECT_EQ(world.transport->count<ComputeHeartbeat>(), 1U);
  EXPECT_EQ(world.transport->count<RegisterHosts>(), 0U);
  world.cast(2, 1);
  world.answer_allocations();
  world.cast(3, 1);
  world.clear();
  world.transport->connect(*world.core, kController, 2);
  world.run({});
  // The guest that was answered for is named; 2 comes with its report, 3 is being built: both in the heartbeat.
  auto parts = world.transport->all_to<RegisterHosts>(kController);
  ASSERT_EQ(parts.size(), 1U);
  ASSERT_EQ(parts[0].guests.size(), 1U);
  EXPECT_EQ(parts[0].guests[0], (GuestInfo{"c0", {uuid_of(1), 1}, PowerState::kRunning, true}));
  EXPECT_EQ(world.terminal_reports().size(), 1U);
  auto beats = world.transport->all_to<ComputeHeartbeat>(kController);
  ASSERT_EQ(beats.size(), 1U);
  ASSERT_EQ(beats[0].unfinished.size(), 2U);
  EXPECT_EQ(beats[0].unfinished[0].placement, (PlacementId{uuid_of(2), 1}));
  EXPECT_EQ(beats[0].unfinished[1].placement, (PlacementId{uuid_of(3), 1}));
}

TEST(Registration, IsTriedAgainWhenTheTransportRefuses) {
  ComputeWorld world;
  world.transport->set_refusing(kController, true);
  world.transport->connect(*world.core, kController);
  world.run({});
  world.transport->set_refusing(kController, false);
  world.run(seconds(1));
  EXPECT_EQ(world.transport->count<RegisterHosts>(), 1U);
  EXPECT_EQ(world.transport->count<ComputeHeartbeat>(), 1U);
}

TEST(Registration, AFullHostListsNothingAndABuildIsListedUntilItsReportIsAnswered) {
  ComputeWorld world;
  world.connect_all();
  world.launch(1, 1);
  world.cast(2, 1);
  auto listed = [&] {
    world.clear();
    world.run(seconds(10));
    return world.transport->all_to<ComputeHeartbeat>(kController).at(0).unfinished.size();
  };
  EXPECT_EQ(listed(), 1U);
  world.deliver(kController, TerminateInstance{"c0", {uuid_of(2), 2}, {}});
  EXPECT_EQ(listed(), 0U);
  world.cast(3, 1);
  world.answer_allocations();
  ASSERT_EQ(world.terminal_reports().size(), 1U);
  InstanceReport report = world.terminal_reports()[0];
  EXPECT_EQ(listed(), 1U);
  world.answer_report(report);
  EXPECT_EQ(listed(), 0U);
}

TEST(Registration, ARefusedHostTakesNoWork) {
  ComputeWorld world;
  world.connect_all();
  world.clear();
  world.deliver(kController, RegisterHostsAnswer{{{"c0", "host 'c0' is already carried by compute-1"}}});
  world.cast(1, 1);
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 0U);
  world.cast(2, 1, "c1");
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 1U);
  bool logged = false;
  for (const LoggedEvent& event : world.log.events)
    logged = logged || event.message.find("refuses") != std::string::npos;
  EXPECT_TRUE(logged);
  world.transport->connect(*world.core, kController, 2);  // a new controller may think otherwise
  world.cast(1, 1);
  EXPECT_EQ(world.transport->count<AllocateAddresses>(), 2U);
}

}  // namespace
}  // namespace kilonova::testing
