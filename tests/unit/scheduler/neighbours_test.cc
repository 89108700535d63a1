// Server groups and the hints same_host and different_host, as filters, weighers and casts meet them.
#include "scheduler/core/neighbours.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

class NeighboursTest : public ::testing::Test {
 protected:
  explicit NeighboursTest(SchedulerOptions options = {}) : world(std::move(options)) {
    world.connect();
    for (int64_t id = 1; id <= 3; ++id) world.host(id, std::string(1, static_cast<char>('a' + id - 1)));
  }
  SelectDestinations cast(GroupPolicy policy, std::vector<PlacedServer> members, std::vector<uint64_t> servers,
                          uint32_t most = 1) {
    std::vector<PlacementId> placements;
    for (uint64_t server : servers) {
      placements.push_back(placement(server));
      members.push_back({uuid_of(server), ""});
    }
    SelectDestinations result = world.cast(placements);
    result.group = SchedulingGroup{policy, most, std::move(members)};
    return result;
  }
  // How many were cast to each host.
  std::map<std::string, int> placed() {
    std::map<std::string, int> hosts;
    for (const BuildAndRunInstance& run : world.runs()) ++hosts[run.host];
    return hosts;
  }

  SchedulerWorld world;
};

TEST_F(NeighboursTest, AntiAffinityLeavesAHostToAsManyAsItAllows) {
  world.deliver(cast(GroupPolicy::kAntiAffinity, {{uuid_of(9), "b"}}, {1, 2}));
  EXPECT_EQ(placed(), (std::map<std::string, int>{{"a", 1}, {"c", 1}}));
  // Casts that no host has answered yet count.
  world.deliver(cast(GroupPolicy::kAntiAffinity, {{uuid_of(9), "b"}, {uuid_of(1), ""}, {uuid_of(2), ""}}, {3}));
  auto refused = world.refusals();
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].decision.filters.back().filter, "ServerGroupAntiAffinityFilter");
  EXPECT_EQ(refused[0].decision.filters.back().hosts_left, 0u);
  world.deliver(cast(GroupPolicy::kAntiAffinity, {{uuid_of(9), "b"}, {uuid_of(1), ""}, {uuid_of(2), ""}}, {4}, 2));
  EXPECT_EQ(world.runs().size(), 1u);
}

TEST_F(NeighboursTest, AffinityKeepsTheBatchAndThoseBeforeTogether) {
  world.deliver(cast(GroupPolicy::kAffinity, {}, {1, 2}));
  auto first = placed();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first.begin()->second, 2);
  world.deliver(cast(GroupPolicy::kAffinity, {{uuid_of(9), "c"}}, {3}));
  EXPECT_EQ(placed(), (std::map<std::string, int>{{"c", 1}}));
}

TEST_F(NeighboursTest, AServerIsNoNeighbourOfItself) {
  SelectDestinations moved = cast(GroupPolicy::kAntiAffinity, {{uuid_of(1), "a"}, {uuid_of(2), "b"}}, {1});
  moved.excluded_hosts = {"a"};
  world.deliver(moved);
  EXPECT_EQ(placed(), (std::map<std::string, int>{{"c", 1}}));
}

TEST_F(NeighboursTest, SoftPoliciesWeighAndForbidNothing) {
  std::vector<PlacedServer> members{{uuid_of(8), "b"}, {uuid_of(9), "b"}};
  world.deliver(cast(GroupPolicy::kSoftAffinity, members, {1}));
  auto runs = world.runs();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].host, "b");
  EXPECT_EQ(runs[0].decision.weighed[0].scores.back().weigher, "ServerGroupSoftAffinityWeigher");
  EXPECT_EQ(runs[0].decision.weighed[0].scores.back().raw, 2.0);
  world.deliver(cast(GroupPolicy::kSoftAntiAffinity,
                     {{uuid_of(5), "a"}, {uuid_of(6), "b"}, {uuid_of(7), "c"}, {uuid_of(8), "c"}, {uuid_of(9), "b"}},
                     {2}));
  EXPECT_EQ(placed(), (std::map<std::string, int>{{"a", 1}}));
}

TEST_F(NeighboursTest, WithoutAGroupNoDecisionSpeaksOfOne) {
  world.deliver(world.cast({placement(1)}));
  auto runs = world.runs();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].decision.filters.size(), 4u);
  EXPECT_EQ(runs[0].decision.weighed[0].scores.size(), 3u);
}

TEST_F(NeighboursTest, AnAlternateIsHeldToThePolicyToo) {
  SelectDestinations again = cast(GroupPolicy::kAntiAffinity, {{uuid_of(9), "b"}}, {1});
  again.alternates = {"b", "c"};
  again.excluded_hosts = {"a"};
  world.deliver(again);
  EXPECT_EQ(placed(), (std::map<std::string, int>{{"c", 1}}));
}

class HintsTest : public NeighboursTest {
 protected:
  HintsTest()
      : NeighboursTest({.enabled_filters = {"UpFilter", "CapacityFilter", "SameHostFilter", "DifferentHostFilter"}}) {}
};

TEST_F(HintsTest, SameHostAndDifferentHost) {
  SelectDestinations beside = world.cast({placement(1)});
  beside.spec.hints.same_host = {uuid_of(8), uuid_of(9)};
  beside.hinted = {{uuid_of(9), "b"}};
  world.deliver(beside);
  EXPECT_EQ(placed(), (std::map<std::string, int>{{"b", 1}}));
  SelectDestinations apart = world.cast({placement(2)});
  apart.spec.hints.different_host = {uuid_of(8), uuid_of(9)};
  apart.hinted = {{uuid_of(9), "b"}, {uuid_of(8), "a"}};
  world.deliver(apart);
  EXPECT_EQ(placed(), (std::map<std::string, int>{{"c", 1}}));
}

// As in Nova: a hint of servers that are nowhere leaves no host to be beside, and every host to be apart from.
TEST_F(HintsTest, ServersThatAreNowhere) {
  SelectDestinations beside = world.cast({placement(1)});
  beside.spec.hints.same_host = {uuid_of(8)};
  world.deliver(beside);
  EXPECT_EQ(world.refusals().size(), 1u);
  SelectDestinations apart = world.cast({placement(2)});
  apart.spec.hints.different_host = {uuid_of(8)};
  world.deliver(apart);
  EXPECT_EQ(world.runs().size(), 1u);
}

// What an index answers is what asking every host answers, decision and all.
TEST(Neighbours, FiltersSayTheSameOfNamedHostsAndOfOthers) {
  Neighbours neighbours{.policy = GroupPolicy::kAntiAffinity, .max_server_per_host = 2, .members = {{1, 2}, {4, 1}}};
  EXPECT_FALSE(passes_anti_affinity(neighbours, 1));
  EXPECT_TRUE(passes_anti_affinity(neighbours, 4));
  EXPECT_TRUE(passes_anti_affinity(neighbours, kNoIndex));
  EXPECT_TRUE(passes_affinity(neighbours, 0));
  neighbours.policy = GroupPolicy::kAffinity;
  EXPECT_TRUE(passes_affinity(neighbours, 4));
  EXPECT_FALSE(passes_affinity(neighbours, 0));
  neighbours.members.clear();
  EXPECT_TRUE(passes_affinity(neighbours, 0));
}

}  // namespace
}  // namespace kilonova::scheduler
