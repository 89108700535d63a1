#include <gtest/gtest.h>

#include <map>
#include <set>

#include "scheduler/core/drivers/driver.h"
#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

struct DriverTest : ::testing::Test {
  std::vector<std::string> select(const std::string& driver, size_t wanted) {
    options.driver = driver;
    SchedulingRequest request{spec, resources_of(spec.flavor), excluded, {}, neighbours};
    decision = {};
    std::vector<std::string> names;
    for (HostIndex index : make_driver(options)->select_hosts(hosts, request, wanted, random, decision))
      names.push_back(hosts.host(index).name);
    return names;
  }

  HostManager hosts;
  SchedulerOptions options;
  RequestSpec spec;
  std::vector<HostIndex> excluded;
  Neighbours neighbours;
  Random random{1};
  Decision decision;
};

using Names = std::vector<std::string>;

TEST_F(DriverTest, FilterTakesTheBestThenTheNextBest) {
  add_host(hosts, 1, "full", {8, 1000, 100}, {0, 1500, 0});
  add_host(hosts, 2, "half", {8, 1000, 100}, {0, 500, 0});
  add_host(hosts, 3, "free", {8, 1000, 100});
  spec.flavor = flavor(1, 100, 1);
  EXPECT_EQ(select("filter", 5), (Names{"free", "half"}));
  EXPECT_EQ(select("filter", 1), (Names{"free"}));
  EXPECT_EQ(decision.filters.back(), (FilterCount{"CapacityFilter", 2}));
}

TEST_F(DriverTest, FilterHonoursMaxInstancesPerHost) {
  add_host(hosts, 1, "a", {8, 1000, 100});
  spec.flavor = flavor(1, 1, 1);
  options.max_instances_per_host = 1;
  EXPECT_EQ(select("filter", 1), (Names{"a"}));
  hosts.consume_from_request(0, placement(1), {1, 1, 1}, Instant{1});
  EXPECT_TRUE(select("filter", 1).empty());
  EXPECT_EQ(decision.filters.back(), (FilterCount{"NumInstancesFilter", 0}));
}

TEST_F(DriverTest, SubsetPicksOnlyAmongTheBestAndAllOfThem) {
  for (int i = 0; i < 6; ++i) add_host(hosts, i, "h" + std::to_string(i), {8, 1000, 100}, {0, int64_t{100} * i, 0});
  spec.flavor = flavor(1, 1, 1);
  options.host_subset_size = 3;
  std::map<std::string, int> chosen;
  for (int i = 0; i < 300; ++i) {
    Names names = select("filter", 6);
    ASSERT_EQ(names.size(), 6u);
    ++chosen[names[0]];
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 6u);
    EXPECT_EQ(names[5], "h5");
  }
  EXPECT_EQ(chosen.size(), 3u);
  for (const char* name : {"h0", "h1", "h2"}) EXPECT_GT(chosen[name], 50) << name;
}

TEST_F(DriverTest, ChanceIsUniformOverHostsUpWhateverTheirLoad) {
  for (int i = 0; i < 4; ++i) add_host(hosts, i, "h" + std::to_string(i), {1, 1, 1}, {int64_t{50} * i, 0, 0});
  hosts.update_status({2, "h2", "nova", {Role::kCompute, 0}, true, false});
  hosts.update_status({3, "h3", "nova", {Role::kCompute, 0}, false, true});
  std::map<std::string, int> chosen;
  for (int i = 0; i < 400; ++i) ++chosen[select("chance", 1).at(0)];
  EXPECT_EQ(chosen.size(), 2u);
  EXPECT_GT(chosen["h0"], 140);
  EXPECT_GT(chosen["h1"], 140);
  Names both = select("chance", 3);
  EXPECT_EQ(std::set<std::string>(both.begin(), both.end()), (std::set<std::string>{"h0", "h1"}));
}

TEST_F(DriverTest, SimpleTakesTheLeastVcpusWithinMaxCores) {
  add_host(hosts, 1, "a", {1, 1, 1}, {8, 0, 0});
  add_host(hosts, 2, "b", {1, 1, 1}, {4, 0, 0});
  add_host(hosts, 3, "c", {1, 1, 1}, {4, 0, 0});
  add_host(hosts, 4, "d", {1, 1, 1}, {15, 0, 0});
  spec.flavor = flavor(2, 1, 1);
  EXPECT_EQ(select("simple", 9), (Names{"b", "c", "a"}));
  spec.flavor = flavor(13, 1, 1);
  EXPECT_TRUE(select("simple", 9).empty());
  EXPECT_EQ(decision.filters.back(), (FilterCount{"MaxCoresFilter", 0}));
}

TEST_F(DriverTest, ZoneKeepsToTheZone) {
  add_host(hosts, 1, "a1", {1, 1, 1}, {}, "a");
  add_host(hosts, 2, "b1", {1, 1, 1}, {}, "b");
  add_host(hosts, 3, "a2", {1, 1, 1}, {}, "a");
  spec.availability_zone = "a";
  Names names = select("zone", 9);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), (std::set<std::string>{"a1", "a2"}));
  spec.availability_zone = "";
  EXPECT_EQ(select("zone", 9).size(), 3u);
  spec.availability_zone = "c";
  EXPECT_TRUE(select("zone", 9).empty());
}

TEST_F(DriverTest, AllLeaveOutExcludedHosts) {
  add_host(hosts, 1, "a", {8, 1000, 100});
  add_host(hosts, 2, "b", {8, 1000, 100});
  spec.flavor = flavor(1, 1, 1);
  excluded = {0};
  for (std::string_view driver : driver_names()) EXPECT_EQ(select(std::string(driver), 9), (Names{"b"})) << driver;
}

TEST_F(DriverTest, AllHoldToTheHardPoliciesOfAGroup) {
  for (int i = 0; i < 3; ++i) add_host(hosts, i + 1, "h" + std::to_string(i), {8, 1000, 100});
  spec.flavor = flavor(1, 1, 1);
  neighbours.members = {{1, 1}};
  for (std::string_view driver : driver_names()) {
    neighbours.policy = GroupPolicy::kAffinity;
    EXPECT_EQ(select(std::string(driver), 9), (Names{"h1"})) << driver;
    neighbours.policy = GroupPolicy::kAntiAffinity;
    Names apart = select(std::string(driver), 9);
    EXPECT_EQ(std::set<std::string>(apart.begin(), apart.end()), (std::set<std::string>{"h0", "h2"})) << driver;
    neighbours.policy = GroupPolicy::kSoftAffinity;
    EXPECT_EQ(select(std::string(driver), 9).size(), 3u) << driver;
  }
}

TEST_F(DriverTest, TheSameSeedGivesTheSameChoices) {
  for (int i = 0; i < 20; ++i) add_host(hosts, i, "h" + std::to_string(i), {8, 1000, 100});
  auto run = [&] {
    random = Random(42);
    Names all;
    for (int i = 0; i < 50; ++i) all.push_back(select("chance", 1).at(0));
    return all;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace kilonova::scheduler
