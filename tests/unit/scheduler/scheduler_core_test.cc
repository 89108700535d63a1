#include "scheduler/core/scheduler_core.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "domain/resources.h"
#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

struct SchedulerCoreTest : ::testing::Test {
  SchedulerWorld world;
};

TEST_F(SchedulerCoreTest, SelectsDebitsAndCasts) {
  world.connect();
  world.host(1, "a", {8, 16384, 100});
  world.host(2, "b", {8, 16384, 200});
  world.loop.run_until(Instant{5'000'000});
  SelectDestinations cast = world.cast({placement(1)}, flavor(2, 2048, 10));
  cast.trace.span_id = 9;
  cast.requests[0].name = "web1";
  cast.requests[0].operation = 3;
  cast.requests[0].faults = {InjectedFault{.rule_id = 4}};
  world.deliver(cast);
  auto runs = world.runs();
  ASSERT_EQ(runs.size(), 1u);
  const BuildAndRunInstance& run = runs[0];
  EXPECT_EQ(run.host, "b");
  EXPECT_EQ(run.placement, placement(1));
  EXPECT_EQ(run.attempt, 1u);
  EXPECT_EQ(run.operation, 3u);
  EXPECT_EQ(run.name, "web1");
  EXPECT_EQ(run.trace, cast.trace);
  EXPECT_EQ(run.spec, cast.spec);
  EXPECT_EQ(run.faults, cast.requests[0].faults);
  EXPECT_EQ(run.alternates, std::vector<std::string>{"a"});
  EXPECT_EQ(run.decision.chosen, "b");
  EXPECT_EQ(run.decision.alternates, run.alternates);
  EXPECT_EQ(run.decision.scheduler, "scheduler-0");
  EXPECT_EQ(run.decision.driver, "filter");
  EXPECT_EQ(run.decision.hosts_total, 2u);
  EXPECT_EQ(run.decision.filters.size(), 4u);
  EXPECT_EQ(run.decision.weighed.at(0).host, "b");
  EXPECT_EQ(world.state("b").used(), (Resources{2, 2048, 10}));

  ASSERT_EQ(run.steps.size(), 3u);
  EXPECT_EQ(run.steps[1].step, LaunchStep::kHostSelected);
  EXPECT_EQ(run.steps[2].step, LaunchStep::kRunCast);
  for (size_t i : {1u, 2u}) {
    EXPECT_EQ(run.steps[i].daemon, "scheduler-0");
    EXPECT_EQ(run.steps[i].host, "b");
    EXPECT_EQ(run.steps[i].epoch, 1u);
    EXPECT_EQ(run.steps[i].attempt, 1u);
    EXPECT_EQ(run.steps[i].start, world.loop.wall_now());
    EXPECT_EQ(run.steps[i].fault, "");
  }
  ASSERT_EQ(world.log.steps.size(), 2u);
  EXPECT_EQ(world.log.steps[0].record, run.steps[1]);
  EXPECT_EQ(world.log.steps[1].record, run.steps[2]);
  EXPECT_EQ(world.log.steps[0].instance, uuid_of(1));
}

TEST_F(SchedulerCoreTest, SettledUsageEndsTheDebit) {
  world.connect();
  world.host(1, "a");
  world.deliver(world.cast({placement(1)}, flavor(2, 2048, 10)));
  world.usage(0, {"a", 2, {8, 16384, 100}, {2, 2048, 10}, 1, {placement(1)}});
  EXPECT_EQ(world.state("a").used(), (Resources{2, 2048, 10}));
  EXPECT_EQ(world.state("a").debited_instances, 0u);
}

TEST_F(SchedulerCoreTest, RefusesACastForAnotherIncarnation) {
  world.connect();
  world.host(1, "a");
  SelectDestinations cast = world.cast({placement(1), placement(2)});
  cast.scheduler = 76;
  world.deliver(cast);
  EXPECT_TRUE(world.runs().empty());
  EXPECT_EQ(world.transport.take<SelectDestinationsRefused>(),
            (std::vector<SelectDestinationsRefused>{{1, {placement(1), placement(2)}}}));
  EXPECT_EQ(world.core.core_state().cast_watermark, 0u);
  EXPECT_EQ(world.core.core_state().hosts.debit_count(), 0u);
}

TEST_F(SchedulerCoreTest, ABatchSpreadsAndItsAlternatesAreNoneOfTheSelected) {
  world.connect();
  for (int i = 0; i < 6; ++i) world.host(i, "h" + std::to_string(i));
  world.deliver(world.cast({placement(1), placement(2), placement(3)}));
  auto runs = world.runs();
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].host, "h0");
  EXPECT_EQ(runs[1].host, "h1");
  EXPECT_EQ(runs[2].host, "h2");
  for (const auto& run : runs) EXPECT_EQ(run.alternates, (std::vector<std::string>{"h3", "h4"}));
}

TEST_F(SchedulerCoreTest, AlternatesOfABatchThatFillsTheCloud) {
  world.connect();
  world.host(1, "a");
  world.host(2, "b");
  world.deliver(world.cast({placement(1), placement(2), placement(3)}));
  auto runs = world.runs();
  ASSERT_EQ(runs.size(), 3u);
  for (const auto& run : runs) EXPECT_TRUE(run.alternates.empty());
}

TEST_F(SchedulerCoreTest, ARescheduleTakesTheFirstAlternateThatFits) {
  world.connect();
  world.host(1, "down");
  world.host(2, "disabled");
  world.host(3, "full", {8, 16384, 5});
  world.host(4, "tried");
  world.host(5, "good");
  world.host(6, "better", {64, 65536, 1000});
  world.status({1, "down", "nova", compute(0), true, false});
  world.status({2, "disabled", "nova", compute(0), false, true});
  SelectDestinations cast = world.cast({placement(1, 2)}, flavor(1, 512, 10));
  cast.requests[0].attempt = 2;
  cast.excluded_hosts = {"tried", "unknown"};
  cast.alternates = {"gone", "down", "disabled", "full", "tried", "good", "better"};
  world.deliver(cast);
  auto runs = world.runs();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].host, "good");
  EXPECT_EQ(runs[0].alternates, std::vector<std::string>{"better"});
  EXPECT_TRUE(runs[0].decision.from_alternates);
  ASSERT_FALSE(runs[0].steps.empty());
  for (const StepRecord& step : runs[0].steps) EXPECT_NE(step.step, LaunchStep::kHostSelected);
  EXPECT_TRUE(runs[0].decision.weighed.empty());
  EXPECT_EQ(runs[0].decision.attempt, 2u);
}

TEST_F(SchedulerCoreTest, NoAlternateLeftIsTerminal) {
  world.connect();
  world.host(1, "a");
  world.host(2, "b");
  SelectDestinations cast = world.cast({placement(1, 2)});
  cast.excluded_hosts = {"a"};
  cast.alternates = {"a"};
  world.deliver(cast);
  auto refusals = world.refusals();
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].reason,
            "Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for "
            "instance 00000000-0000-0000-0000-000000000001.");
}

TEST_F(SchedulerCoreTest, ExcludedHostsAreNotTriedAgain) {
  world.connect();
  world.host(1, "a");
  world.host(2, "b");
  SelectDestinations cast = world.cast({placement(1)});
  cast.excluded_hosts = {"a"};
  world.deliver(cast);
  auto runs = world.runs();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].host, "b");
  EXPECT_TRUE(runs[0].alternates.empty());
}

TEST_F(SchedulerCoreTest, AForcedHostSkipsFiltersButMustExist) {
  world.connect();
  world.host(1, "a");
  world.host(2, "b");
  world.status({2, "b", "nova", compute(0), false, false});
  auto force = [&](const char* name, std::vector<std::string> excluded = {}) {
    SelectDestinations cast = world.cast({placement(1, world.core.core_state().decisions + 1)}, flavor(999, 1, 1));
    cast.spec.forced_host = name;
    cast.spec.availability_zone = "elsewhere";
    cast.excluded_hosts = std::move(excluded);
    world.deliver(cast);
  };
  force("b");
  auto runs = world.runs();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].host, "b");
  EXPECT_TRUE(runs[0].alternates.empty());
  force("nowhere");
  EXPECT_EQ(world.refusals().at(0).reason, "No valid host was found. The forced host 'nowhere' is not registered.");
  force("b", {"b"});
  EXPECT_EQ(world.refusals().size(), 1u);
}

TEST_F(SchedulerCoreTest, ARepeatedCastIsTheSameCast) {
  world.connect();
  for (int i = 0; i < 4; ++i) world.host(i, "h" + std::to_string(i));
  SelectDestinations cast = world.cast({placement(1)});
  world.deliver(cast);
  auto first = world.runs();
  cast.cast_number = 2;
  world.deliver(cast);
  auto second = world.runs();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].host, first[0].host);
  EXPECT_EQ(second[0].alternates, first[0].alternates);
  EXPECT_EQ(world.core.core_state().hosts.debit_count(), 1u);
  EXPECT_EQ(world.core.core_state().cast_watermark, 2u);
}

// The network repeats it when the first was decided, cast and accounted for: deciding anew would build it twice.
TEST_F(SchedulerCoreTest, ARepeatedCastWhoseDebitIsSettledIsNotDecidedAnew) {
  world.connect();
  world.host(1, "a");
  SelectDestinations cast = world.cast({placement(1)});
  world.deliver(cast);
  EXPECT_EQ(world.runs().size(), 1u);
  world.usage(0, {"a", 2, {8, 16384, 100}, {1, 512, 1}, 1, {placement(1)}});
  ASSERT_EQ(world.core.core_state().hosts.debit_count(), 0u);
  world.deliver(cast);
  EXPECT_TRUE(world.runs().empty());
  EXPECT_TRUE(world.refusals().empty());
  EXPECT_EQ(world.core.core_state().hosts.debit_count(), 0u);
}

// Patience is with the hosts of one controller: those of the next one get as much.
TEST_F(SchedulerCoreTest, ANewControllersHostsGetTheirTime) {
  world.connect();
  world.status({1, "a", "nova", compute(0), true, true});
  world.deliver(world.cast({placement(1)}));  // held: the host has not told its usage
  world.loop.run_until(world.loop.now() + seconds(2));
  EXPECT_TRUE(world.refusals().empty());
  world.transport.connect(world.core, kController, 2);
  world.loop.run_until(world.loop.now() + SchedulerOptions{}.usage_patience);
  world.status({1, "a", "nova", compute(0), true, true});
  world.deliver(world.cast({placement(2)}));
  EXPECT_TRUE(world.refusals().empty()) << "decided on the patience that the first controller's hosts had used up";
  world.usage(0, {"a", 1, {8, 16384, 100}, {}, 0, {}});
  EXPECT_EQ(world.runs().size(), 1u);
}

TEST_F(SchedulerCoreTest, AnEarlierEpochIsIgnoredAndALaterOneMovesTheDebit) {
  world.connect();
  world.host(1, "a");
  world.host(2, "b");
  world.deliver(world.cast({placement(1, 5)}));
  EXPECT_EQ(world.runs().size(), 1u);
  world.deliver(world.cast({placement(1, 4)}));
  EXPECT_TRUE(world.runs().empty());
  EXPECT_TRUE(world.refusals().empty());
  SelectDestinations next = world.cast({placement(1, 6)});
  next.excluded_hosts = {"a"};
  world.deliver(next);
  EXPECT_EQ(world.runs().at(0).host, "b");
  EXPECT_EQ(world.state("a").instances(), 0u);
  EXPECT_EQ(world.core.core_state().hosts.debit_count(), 1u);
}

TEST_F(SchedulerCoreTest, OneInstanceTwiceInABatchIsPlacedOnce) {
  world.connect();
  world.host(1, "a");
  world.deliver(world.cast({placement(1), placement(1), placement(1, 2)}));
  EXPECT_EQ(world.runs().size(), 1u);
}

TEST_F(SchedulerCoreTest, AProcessThatTakesNoCastIsUnfit) {
  world.connect(2);
  world.host(1, "a1", {64, 65536, 1000}, 0);
  world.host(2, "a2", {64, 65536, 1000}, 0);
  world.host(3, "b1", {8, 16384, 100}, 1);
  world.host(4, "b2", {8, 16384, 100}, 1);
  world.transport.set_refusing(compute(0), true);
  world.deliver(world.cast({placement(1)}));
  auto runs = world.runs();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].host, "b1");
  EXPECT_EQ(runs[0].decision.chosen, "b1");
  EXPECT_EQ(runs[0].steps.size(), 3u);
  for (const auto& name : runs[0].alternates) EXPECT_NE(name, "b1");
  EXPECT_EQ(world.state("a1").instances(), 0u);
  EXPECT_EQ(world.log.steps.size(), 2u);

  world.transport.set_refusing(compute(1), true);
  SelectDestinations both = world.cast({placement(2), placement(3)});
  world.deliver(both);
  EXPECT_EQ(world.refusals().size(), 2u);
  EXPECT_EQ(world.core.core_state().hosts.debit_count(), 1u);
  SelectDestinations forced = world.cast({placement(4)});
  forced.spec.forced_host = "b1";
  world.deliver(forced);
  EXPECT_EQ(world.refusals().size(), 1u);
  SelectDestinations again = world.cast({placement(5, 2)});
  again.alternates = {"a1", "b2"};
  world.deliver(again);
  EXPECT_EQ(world.refusals().size(), 1u);
}

TEST_F(SchedulerCoreTest, AHostThatIsRequestedIsTheOnlyOneAndMustFit) {
  world.connect();
  for (int64_t id = 1; id <= 3; ++id) world.host(id, std::string(1, static_cast<char>('a' + id - 1)));
  auto request = [&](const char* name, std::vector<std::string> excluded = {}, int64_t vcpus = 1) {
    SelectDestinations cast = world.cast({placement(1, world.core.core_state().decisions + 2)}, flavor(vcpus, 1, 1));
    cast.requested_host = name;
    cast.excluded_hosts = std::move(excluded);
    cast.shares_with = 1;
    world.deliver(cast);
  };
  request("c");
  auto runs = world.runs();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].host, "c");
  EXPECT_EQ(runs[0].shares_with, 1u);
  EXPECT_TRUE(runs[0].alternates.empty());
  request("c", {"c"});
  EXPECT_EQ(world.refusals().size(), 1u);
  request("nowhere");
  EXPECT_EQ(world.refusals().size(), 1u);
  request("c", {}, 99'999);
  EXPECT_EQ(world.refusals().size(), 1u);
}

TEST_F(SchedulerCoreTest, HeartbeatsAtOnceAndEveryInterval) {
  world.connect();
  EXPECT_EQ(world.transport.take<SchedulerHeartbeat>().size(), 1u);
  world.host(1, "a");
  world.deliver(world.cast({placement(1)}));
  world.loop.run_until(Instant{20'000'000});
  EXPECT_EQ(world.transport.take<SchedulerHeartbeat>(), (std::vector<SchedulerHeartbeat>{{1, 1, 1, 16, 1.5, 1}, {1, 1, 1, 16, 1.5, 1}}));
  world.transport.disconnect(world.core, kController);
  world.loop.run_until(Instant{40'000'000});
  EXPECT_TRUE(world.transport.take<SchedulerHeartbeat>().empty());
  world.transport.connect(world.core, kController);
  EXPECT_EQ(world.transport.take<SchedulerHeartbeat>().size(), 1u);
}

TEST_F(SchedulerCoreTest, UnaccountedDebitsExpire) {
  world.connect();
  world.host(1, "a");
  world.deliver(world.cast({placement(1)}));
  world.loop.run_until(Instant{119'999'999});
  EXPECT_EQ(world.state("a").instances(), 1u);
  world.loop.run_until(Instant{120'000'000});
  EXPECT_EQ(world.state("a").instances(), 0u);
}

TEST_F(SchedulerCoreTest, AReconnectedControllerKeepsStatusesANewOneDoesNot) {
  world.connect();
  world.host(1, "a");
  world.deliver(world.cast({placement(1)}));
  world.transport.disconnect(world.core, kController);
  world.transport.connect(world.core, kController);
  world.deliver(world.cast({placement(2)}));
  EXPECT_EQ(world.runs().size(), 2u);
  EXPECT_EQ(world.core.core_state().cast_watermark, 2u);

  world.transport.connect(world.core, kController, 2);
  EXPECT_EQ(world.core.core_state().cast_watermark, 0u);
  world.deliver(world.cast({placement(3)}));
  EXPECT_EQ(world.runs().size(), 0u);  // waits: the new controller has not said yet what there is
  EXPECT_EQ(world.refusals().size(), 0u);
  world.status({1, "a", "nova", compute(0), true, true});
  EXPECT_EQ(world.runs().size(), 1u);
}

TEST_F(SchedulerCoreTest, CastsWaitForTheUsageOfHostsThatAreUpButNotForEver) {
  world.connect();
  world.status({1, "a", "nova", compute(0), true, true});
  world.deliver(world.cast({placement(1)}));
  world.loop.run_until(world.loop.now() + seconds(9));
  EXPECT_EQ(world.refusals().size(), 0u);
  EXPECT_EQ(world.core.core_state().cast_watermark, 0u);
  world.loop.run_until(world.loop.now() + seconds(2));
  EXPECT_EQ(world.refusals().size(), 1u);
  EXPECT_EQ(world.core.core_state().cast_watermark, 1u);
}

TEST_F(SchedulerCoreTest, ARestartedComputeProcessTakesItsDebitsWithIt) {
  world.connect();
  world.host(1, "a");
  world.deliver(world.cast({placement(1)}));
  EXPECT_EQ(world.runs().size(), 1u);
  world.transport.connect(world.core, compute(0), 1);  // only the connection was lost
  EXPECT_EQ(world.core.core_state().hosts.debit_count(), 1u);
  world.transport.connect(world.core, compute(0), 2);
  EXPECT_EQ(world.core.core_state().hosts.debit_count(), 0u);
  world.deliver(world.cast({placement(2)}));
  EXPECT_EQ(world.runs().size() + world.refusals().size(), 0u);  // the host is up: its usage is on its way
  world.usage(0, {"a", 1, {8, 16384, 100}, {1, 1, 1}, 1, {}});
  EXPECT_EQ(world.runs().at(0).host, "a");
}

TEST_F(SchedulerCoreTest, NothingAPeerSendsHarms) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  world.connect();
  world.host(1, "a", {kMost, kMost, kMost});
  for (const Flavor& nonsense : {flavor(-1, 1, 1), flavor(1, kMost, 1), flavor(1, 1, kLeast)}) {
    world.deliver(world.cast({placement(1)}, nonsense));
    auto refusals = world.refusals();
    ASSERT_EQ(refusals.size(), 1u);
    EXPECT_NE(refusals[0].reason.find("Flavor 'test' asks for"), std::string::npos) << refusals[0].reason;
  }
  Flavor swap = flavor(1, 1, 1);
  swap.ephemeral_gb = kMost;
  swap.swap_mb = kMost;
  world.deliver(world.cast({placement(1)}, swap));
  EXPECT_EQ(world.refusals().size(), 1u);
  world.deliver(world.cast({}));
  // Messages of the wrong role, and of none that a scheduler knows.
  world.transport.deliver(world.core, compute(0), world.cast({placement(1)}));
  world.transport.deliver(world.core, kController, UsageUpdate{});
  world.transport.deliver(world.core, kController, TokenKeys{"key"});
  EXPECT_EQ(std::ranges::count(world.log.events, LogLevel::kWarning, &testing::LoggedEvent::level), 3);
  EXPECT_TRUE(world.runs().empty());
}

// Random messages, sane and insane; what must hold is held by checks inside, sanitizers, and the sums below.
TEST(SchedulerCoreFuzz, RandomMessages) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    SchedulerOptions options;
    options.driver = driver_names()[seed % driver_names().size()];
    options.host_subset_size = 1 + static_cast<uint32_t>(random.below(3));
    options.usage_patience = {};
    SchedulerWorld world(options, seed);
    world.connect(3);
    auto name = [&] { return "h" + std::to_string(random.below(12)); };
    auto names = [&] {
      std::vector<std::string> result;
      for (uint64_t n = random.below(4); n > 0; --n) result.push_back(name());
      return result;
    };
    for (int i = 0; i < 500; ++i) {
      auto process = static_cast<uint32_t>(random.below(3));
      switch (random.below(10)) {
        case 0:
          world.status({static_cast<int64_t>(random.below(12)), name(), "nova",
                        compute(static_cast<uint32_t>(random.below(3))), random.chance(0.9), random.chance(0.9)});
          break;
        case 1:
        case 2:
          world.usage(process, {name(),
                                random.below(100),
                                {8, 8192, 100},
                                {int64_t(random.below(9)), 0, 0},
                                1,
                                {placement(random.below(30), random.below(4))}});
          break;
        case 3: world.transport.connect(world.core, compute(process), 1 + random.below(3)); break;
        case 4: world.transport.set_refusing(compute(process), random.chance(0.3)); break;
        case 5: world.loop.run_until(world.loop.now() + seconds(static_cast<int64_t>(random.below(30)))); break;
        default: {
          std::vector<PlacementId> placements;
          for (uint64_t n = 1 + random.below(4); n > 0; --n)
            placements.push_back(placement(random.below(30), random.below(4)));
          SelectDestinations cast = world.cast(placements, flavor(int64_t(random.below(4)), 512, 1));
          cast.excluded_hosts = names();
          if (random.chance(0.3)) cast.alternates = names();
          if (random.chance(0.1)) cast.spec.forced_host = name();
          world.deliver(cast);
          auto handled = world.runs().size();
          for (const auto& refusal : world.refusals()) handled += refusal.placements.size();
          std::set<Uuid> distinct;
          for (const auto& id : placements) distinct.insert(id.instance);
          EXPECT_LE(handled, distinct.size());
        }
      }
    }
    world.loop.run_until(world.loop.now() + seconds(200));
    const HostManager& hosts = world.core.core_state().hosts;
    EXPECT_EQ(hosts.debit_count(), 0u);
    for (HostIndex i = 0; i < hosts.size(); ++i) {
      EXPECT_EQ(hosts.host(i).debited, Resources{});
      EXPECT_EQ(hosts.host(i).debited_instances, 0u);
    }
  }
}

TEST(SchedulerCoreReplay, TheSameSeedGivesTheSameCasts) {
  auto run = [] {
    SchedulerOptions options;
    options.driver = "chance";
    SchedulerWorld world(options, 9);
    world.connect();
    for (int i = 0; i < 10; ++i) world.host(i, "h" + std::to_string(i));
    for (uint64_t i = 0; i < 50; ++i) world.deliver(world.cast({placement(i)}));
    return world.runs();
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace kilonova::scheduler
