// Decisions that are worked out again from what the hosts were: by a scheduler that is asked, and on random clouds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "domain/api.h"
#include "scheduler/core/drivers/driver.h"
#include "tests/unit/scheduler/random_cloud.h"

namespace kilonova::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What a decision was, and from which change on its hosts are others.
struct Taken {
  uint64_t change = 0;
  RequestSpec spec;
  Resources amount;
  Decision decision;
  bool has_hosts = false;
};

// The hosts that each filter left, as the verdicts tell it.
std::map<std::string, uint32_t> left_out(const std::vector<HostVerdict>& verdicts) {
  std::map<std::string, uint32_t> count;
  for (const HostVerdict& verdict : verdicts)
    if (!verdict.left_out_by.empty()) ++count[verdict.left_out_by];
  return count;
}

void expect_the_same(const Taken& taken, const std::vector<HostVerdict>& verdicts) {
  ASSERT_EQ(verdicts.size(), taken.decision.hosts_total);
  for (size_t i = 0; i < taken.decision.weighed.size(); ++i) {
    EXPECT_EQ(verdicts[i].host, taken.decision.weighed[i].host) << i;
    EXPECT_EQ(verdicts[i].weight, taken.decision.weighed[i].weight) << i;
    EXPECT_EQ(verdicts[i].scores, taken.decision.weighed[i].scores) << i;
    EXPECT_EQ(verdicts[i].left_out_by, "");
  }
  auto counts = left_out(verdicts);
  uint32_t before = taken.decision.hosts_total;
  std::map<std::string, uint32_t> expected;
  for (const FilterCount& filter : taken.decision.filters) {
    if (before != filter.hosts_left) expected[filter.filter] += before - filter.hosts_left;
    before = filter.hosts_left;
  }
  EXPECT_EQ(counts, expected);
}

TEST(HostVerdicts, AreThoseOfTheDecisionWhateverChangedSince) {
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomCloud cloud(random, 40);
    auto driver = make_driver(cloud.options);
    std::deque<Taken> taken;
    for (int step = 0; step < 120; ++step) {
      cloud.change();
      if (step % 3 != 0) continue;
      Taken& now = taken.emplace_back();
      now.change = cloud.manager.last_change();
      now.amount = cloud.amount();
      now.spec.flavor = flavor(now.amount.vcpus, now.amount.memory_mb, now.amount.disk_gb);
      now.spec.availability_zone = cloud.zone();
      SchedulingRequest request{now.spec, now.amount, {}, {}};
      Random unused(1);
      now.has_hosts = !driver->select_hosts(cloud.manager, request, 3, unused, now.decision).empty();
    }
    for (const Taken& each : taken) {
      auto hosts = cloud.manager.as_of(each.change);
      ASSERT_TRUE(hosts.has_value());
      SchedulingRequest request{each.spec, each.amount, {}, {}};
      auto verdicts = driver->judge_hosts(*hosts, request);
      ASSERT_TRUE(verdicts.has_value());
      expect_the_same(each, *verdicts);
    }
  }
}

struct HostVerdictsTest : ::testing::Test {
  Expected<ApiResponse> read(uint64_t server, uint64_t epoch = 1, uint64_t offset = 0, uint32_t limit = 2000) {
    ReadHostVerdicts request{kSelf, to_string(uuid_of(server)), epoch, offset, limit};
    world.transport.deliver(world.core, kController, ApiCall{{.role = UserRole::kAdmin}, {}, request}, ++calls);
    world.loop.run_until(world.loop.now());
    return world.transport.take<ApiReply>().at(0).result;
  }
  HostVerdicts page(uint64_t server, uint64_t offset = 0, uint32_t limit = 2000) {
    auto reply = read(server, 1, offset, limit);
    EXPECT_TRUE(reply.has_value()) << (reply ? "" : reply.error().message);
    return reply ? get<HostVerdicts>(*reply) : HostVerdicts{};
  }

  SchedulerWorld world;
  uint64_t calls = 0;
};

TEST_F(HostVerdictsTest, TellEveryHostOfADecisionInPages) {
  world.connect();
  for (int64_t id = 1; id <= 5; ++id) world.host(id, "h" + std::to_string(id), {id == 4 ? 1 : 8, 16384, 100 + 10 * id});
  world.deliver(world.cast({placement(1)}, flavor(2, 2048, 10)));
  ASSERT_EQ(world.runs().at(0).host, "h5");
  // What happens since changes nothing of it.
  world.usage(0, {"h3", 2, {8, 16384, 500}, {}, 0, {}});
  HostVerdicts all = page(1);
  EXPECT_EQ(all.total, 5u);
  std::vector<std::string> hosts;
  for (const HostVerdict& verdict : all.verdicts) hosts.push_back(verdict.host);
  EXPECT_THAT(hosts, ElementsAre("h5", "h3", "h2", "h1", "h4"));
  EXPECT_EQ(all.verdicts[4].left_out_by, "CapacityFilter");
  EXPECT_THAT(all.verdicts[4].scores, IsEmpty());
  HostVerdicts first = page(1, 0, 2), last = page(1, 4, 2);
  EXPECT_EQ(first.total, 5u);
  EXPECT_EQ(first.verdicts.size(), 2u);
  ASSERT_EQ(last.verdicts.size(), 1u);
  EXPECT_EQ(last.verdicts[0].host, "h4");
  EXPECT_THAT(page(1, 9).verdicts, IsEmpty());
}

TEST_F(HostVerdictsTest, LeaveOutWhatWasTriedBefore) {
  world.connect();
  for (int64_t id = 1; id <= 3; ++id) world.host(id, "h" + std::to_string(id));
  SelectDestinations cast = world.cast({placement(1, 2)});
  cast.excluded_hosts = {"h1"};
  world.deliver(cast);
  auto reply = read(1, 2);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(get<HostVerdicts>(*reply).verdicts.at(2).host, "h1");
  EXPECT_EQ(get<HostVerdicts>(*reply).verdicts.at(2).left_out_by, "ExcludedHostsFilter");
}

TEST_F(HostVerdictsTest, SayWhenADecisionIsNotKnown) {
  world.connect();
  world.host(1, "h1");
  auto reply = read(1);
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(reply.error().message, HasSubstr("scheduler-0 has no decision on placement 1"));
  world.deliver(world.cast({placement(1)}));
  EXPECT_TRUE(read(1).has_value());
  for (uint64_t version = 2; version < kHostChangesKept + 4; ++version)
    world.usage(0, {"h1", version, {8, 16384, 100}, {}, 0, {}});
  reply = read(1);
  ASSERT_FALSE(reply.has_value());
  EXPECT_THAT(reply.error().message, HasSubstr("does not know any more what the hosts were"));
}

TEST_F(HostVerdictsTest, ANeverWeighingDriverHasNone) {
  SchedulerOptions options;
  options.driver = "chance";
  SchedulerWorld chance(options);
  chance.connect();
  chance.host(1, "h1");
  chance.deliver(chance.cast({placement(1)}));
  ReadHostVerdicts request{kSelf, to_string(uuid_of(1)), 1, 0, 10};
  chance.transport.deliver(chance.core, kController, ApiCall{{.role = UserRole::kAdmin}, {}, request}, 1);
  chance.loop.run_until(chance.loop.now());
  auto reply = chance.transport.take<ApiReply>().at(0).result;
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::kUnimplemented);
}

}  // namespace
}  // namespace kilonova::scheduler
