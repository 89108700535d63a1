// `sim explore`: it stops at the first failure, names it whatever it was, and finds the smallest cloud that fails alike.
// Simulations are a function here that fails on purpose; the last tests are of the real one with a planted bug.
#include "cli/sim/explore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/sim/explore_report.h"

namespace kilonova::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

sim::RunResult clean(const sim::RunOptions& options) {
  sim::RunResult result;
  result.options = options;
  result.digest = options.seed;
  return result;
}

sim::RunResult violated(const sim::RunOptions& options, std::string what) {
  sim::RunResult result = clean(options);
  result.violations.push_back(std::move(what));
  return result;
}

[[noreturn]] void hang() {
  for (;;) pause();
}

ExploreOptions options_with(Simulate simulate, std::string seeds, uint32_t jobs = 2) {
  ExploreOptions options;
  options.seeds = std::move(seeds);
  options.jobs = jobs;
  options.run.faults = "swarm";
  options.simulate = std::move(simulate);
  options.pairs.clear();
  return options;
}

ExploreResult explored(const ExploreOptions& options) {
  auto result = explore(options);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return *std::move(result);
}

std::vector<uint64_t> failed_seeds(const ExploreResult& result) {
  std::vector<uint64_t> seeds;
  for (const Failure& failure : result.failures) seeds.push_back(failure.outcome.seed);
  return seeds;
}

TEST(Explore, RunsEverySeedOnceAndAddsThemUp) {
  auto simulate = [](const sim::RunOptions& options) {
    sim::RunResult result = clean(options);
    result.acknowledged_creates = options.seed;
    result.virtual_time = seconds(1);
    result.strikes.count("cut", LaunchStep::kImageReady);
    return result;
  };
  ExploreResult result = explored(options_with(simulate, "11..20", 3));
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.runs, 10u);
  EXPECT_EQ(result.launches, 155u);
  EXPECT_EQ(result.virtual_time, seconds(10));
  EXPECT_EQ(result.strikes.counts().at({"cut", LaunchStep::kImageReady}), 10u);
  EXPECT_THAT(text_of(result), HasSubstr("10 seeds, 155 launches"));
}

// By all seeds together; a search that is too short for that may be asked to have reached all.
TEST(Explore, NamesTheBranchesThatWereNeverReached) {
  auto simulate = [](const sim::RunOptions& options) {
    sim::RunResult result = clean(options);
    result.branches["a: one"] = {"cut", "none"};
    if (options.seed == 2) result.branches["b: two"] = {"kill compute"};
    return result;
  };
  ExploreOptions options = options_with(simulate, "1..3");
  options.branches = {"a: one", "b: two", "c: three"};
  ExploreResult result = explored(options);
  EXPECT_TRUE(result.ok()) << "three seeds prove nothing";
  EXPECT_EQ(result.branches.at("a: one").seeds, 3u);
  EXPECT_EQ(result.branches.at("a: one").behind.at("cut"), 3u);
  EXPECT_THAT(result.unreached, ElementsAre("c: three"));
  EXPECT_THAT(text_of(result), ::testing::ContainsRegex("c: three +: never reached"));
  auto json = nlohmann::json::parse(json_of(result));
  EXPECT_EQ(json["branches"][1]["behind"]["kill compute"], 1);
  EXPECT_EQ(json["branches"][2]["seeds"], 0);
  options.require_sometimes = true;
  EXPECT_FALSE(explored(options).ok());
  options.branches.pop_back();
  EXPECT_TRUE(explored(options).ok());
}

// A branch that only other faults have led to proves nothing of the one that it is there for.
TEST(Explore, NamesThePairsThatWereNeverMet) {
  auto simulate = [](const sim::RunOptions& options) {
    sim::RunResult result = clean(options);
    result.branches["a: one"] = {"cut", "none"};
    return result;
  };
  ExploreOptions options = options_with(simulate, "1..3");
  options.branches = {"a: one"};
  options.pairs = {{"cut", "a: one", ""}, {"clog", "a: one", "it waits"}};
  EXPECT_TRUE(explored(options).ok()) << "three seeds prove nothing";
  options.require_sometimes = true;
  ExploreResult result = explored(options);
  EXPECT_FALSE(result.ok());
  EXPECT_THAT(text_of(result), HasSubstr("a: one: never reached behind clog (it waits)"));
  auto json = nlohmann::json::parse(json_of(result));
  ASSERT_EQ(json["unmet"].size(), 1u);
  EXPECT_EQ(json["unmet"][0]["fault"], "clog");
  options.pairs.pop_back();
  EXPECT_TRUE(explored(options).ok());
}

// Ten thousand seeds must have; those of a smaller mix of faults need not.
TEST(Explore, ALongSearchReachesEveryBranch) {
  ExploreOptions options = options_with(
      [](const sim::RunOptions& run) {
        sim::RunResult result = clean(run);
        result.branches["a: one"] = {"none"};
        return result;
      },
      "1..10000");
  options.branches = {"a: one"};
  EXPECT_FALSE(explored(options).requires_branches && !explored(options).unreached.empty());
  options.branches = {"b: two"};
  EXPECT_TRUE(explored(options).requires_branches);
  EXPECT_FALSE(explored(options).ok());
  options.run.without = {"skew"};
  EXPECT_FALSE(explored(options).requires_branches);
}

TEST(Explore, TakesTheLastSeedThereIs) {
  EXPECT_EQ(explored(options_with(clean, "18446744073709551614..18446744073709551615", 5)).runs, 2u);
}

// Seeds 1, 3, 5... are one process, the others another, which never ends by itself.
TEST(Explore, EndsAllProcessesAtTheFirstFailure) {
  auto simulate = [](const sim::RunOptions& options) {
    if (options.seed % 2 == 0) hang();
    return options.seed == 5 ? violated(options, "quota: too much") : clean(options);
  };
  ExploreResult result = explored(options_with(simulate, "1..1000"));
  EXPECT_FALSE(result.ok());
  EXPECT_THAT(failed_seeds(result), ElementsAre(5u));
  EXPECT_EQ(result.runs, 3u);
}

TEST(Explore, NamesASeedWhoseProcessDied) {
  auto simulate = [](const sim::RunOptions& options) {
    if (options.seed == 4) std::abort();
    return clean(options);
  };
  ExploreOptions options = options_with(simulate, "1..4", 1);
  ExploreResult result = explored(options);
  ASSERT_THAT(failed_seeds(result), ElementsAre(4u));
  EXPECT_THAT(result.failures[0].outcome.died, HasSubstr("signal 6"));
  ASSERT_TRUE(result.smallest.has_value());
  EXPECT_EQ(result.smallest->options.launches, 1u);
  EXPECT_EQ(result.smallest->options.hosts, 1u);
  std::string text = text_of(result);
  EXPECT_THAT(text, HasSubstr("seed 4 its process was ended by signal 6"));
  EXPECT_THAT(text, HasSubstr("replay with: kilonova sim run --seed 4 --hosts 20"));
  EXPECT_THAT(text, HasSubstr("smallest:    kilonova sim run --seed 4 --hosts 1 "));
}

TEST(Explore, KeepsGoingAfterADeathWhenAsked) {
  auto simulate = [](const sim::RunOptions& options) {
    if (options.seed == 3) std::abort();
    if (options.seed == 4) _exit(0);
    return options.seed == 7 ? violated(options, "hosts: full") : clean(options);
  };
  ExploreOptions options = options_with(simulate, "1..10");
  options.keep_going = true;
  ExploreResult result = explored(options);
  EXPECT_EQ(result.runs, 10u);
  EXPECT_THAT(failed_seeds(result), ElementsAre(3u, 4u, 7u));
  EXPECT_EQ(result.failures[1].outcome.died, "ended before it told an outcome");
}

TEST(Explore, EndsASeedThatTakesTooLong) {
  auto simulate = [](const sim::RunOptions& options) {
    if (options.seed == 2) hang();
    return clean(options);
  };
  ExploreOptions options = options_with(simulate, "1..3", 1);
  options.time_limit = 1;
  ExploreResult result = explored(options);
  ASSERT_THAT(failed_seeds(result), ElementsAre(2u));
  EXPECT_EQ(result.failures[0].outcome.died, "was ended after 1 real seconds");
  EXPECT_FALSE(result.smallest.has_value()) << "each try would take as long";
}

// Fewer launches give another violation, or kill the process: neither is the failure that was found.
TEST(Explore, TheSmallestFailsByTheSameChecker) {
  auto simulate = [](const sim::RunOptions& options) {
    if (options.launches < 8) std::abort();
    if (options.launches < 20) return violated(options, "hosts: something else");
    return violated(options, "quota: " + std::to_string(options.launches));
  };
  ExploreResult result = explored(options_with(simulate, "1..3", 1));
  ASSERT_TRUE(result.smallest.has_value());
  EXPECT_EQ(result.smallest->options.launches, 20u);
  EXPECT_THAT(result.smallest->outcome.violations, ElementsAre("quota: 20"));
}

TEST(Explore, TakesAwayOnlyTheFaultsThatTheFailureDoesNotNeed) {
  auto simulate = [](const sim::RunOptions& options) {
    bool has_cut = std::ranges::find(options.without, "cut") == options.without.end();
    return has_cut ? violated(options, "quota: cut") : clean(options);
  };
  std::string text = text_of(explored(options_with(simulate, "1..3", 1)));
  EXPECT_THAT(text, HasSubstr(" --without kill_compute"));
  EXPECT_THAT(text, Not(HasSubstr(" --without cut\n")));
  EXPECT_THAT(text, Not(HasSubstr(" --without cut ")));
}

TEST(Explore, ASecondHistoryThatDiffersIsReplayedAndShrunkAsSuch) {
  uint64_t calls = 0;  // of each process
  auto simulate = [&calls](const sim::RunOptions& options) {
    sim::RunResult result = clean(options);
    if (options.seed == 2 && options.hosts >= 5) result.digest = ++calls;
    return result;
  };
  ExploreOptions options = options_with(simulate, "1..3", 1);
  EXPECT_TRUE(explored(options).ok()) << "nobody looked";
  options.check_determinism = true;
  ExploreResult result = explored(options);
  ASSERT_THAT(failed_seeds(result), ElementsAre(2u));
  std::string text = text_of(result);
  EXPECT_THAT(text, HasSubstr("seed 2 the second run had another history"));
  EXPECT_THAT(text, HasSubstr("--faults swarm --check-determinism\n"));
  ASSERT_TRUE(result.smallest.has_value());
  EXPECT_EQ(result.smallest->options.hosts, 5u);
}

TEST(Explore, IsOneDocumentOfJson) {
  auto simulate = [](const sim::RunOptions& options) { return violated(options, "hosts: \xff"); };
  auto json = nlohmann::json::parse(json_of(explored(options_with(simulate, "9"))));
  EXPECT_EQ(json["seeds"], 1);
  EXPECT_EQ(json["failures"][0]["seed"], 9);
  EXPECT_THAT(json["failures"][0]["replay"].get<std::string>(), HasSubstr("--seed 9 "));
  EXPECT_THAT(json["smallest"]["replay"].get<std::string>(), HasSubstr("--launches 1 "));
}

TEST(Explore, RefusesWhatCannotBe) {
  for (const char* seeds : {"", "3..2", "1..", "x", "1...3", "1..3x"})
    EXPECT_EQ(explore(options_with(clean, seeds)).error().code, ErrorCode::kInvalidArgument) << seeds;
  EXPECT_EQ(explore(options_with(clean, "1..3", 0)).error().code, ErrorCode::kInvalidArgument);
  ExploreOptions options = options_with(clean, "1..3");
  options.run.hosts = 0;
  EXPECT_EQ(explore(options).error().code, ErrorCode::kInvalidArgument);
  options.run.hosts = 20;
  options.run.faults = "earthquake";
  EXPECT_EQ(explore(options).error().code, ErrorCode::kNotFound);
}

TEST(Explore, FindsAndShrinksAPlantedBugOfTheRealSimulation) {
  ExploreOptions options = options_with(sim::run_simulation, "1..4");
  options.run.launches = 20;
  options.run.bugs.lie = [](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = get_if<mutation::UpdateInstance>(&m))
        if (update->row.vm_state == VmState::kActive) update->row.vm_state = VmState::kStopped;
    return false;
  };
  ExploreResult result = explored(options);
  ASSERT_EQ(result.failures.size(), 1u);
  EXPECT_THAT(result.failures[0].outcome.violations.front(), HasSubstr("transitions: server "));
  ASSERT_TRUE(result.smallest.has_value());
  EXPECT_EQ(result.smallest->options.launches, 1u);
  EXPECT_EQ(result.smallest->options.hosts, 1u);
  auto again = sim::run_simulation(result.smallest->options);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->violations, result.smallest->outcome.violations);
}

}  // namespace
}  // namespace kilonova::cli
