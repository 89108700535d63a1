// What a seed promises. (swarm_test.cc runs many; what one found once is in scenarios/.)
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "sim/run.h"

namespace kilonova::sim {
namespace {

RunResult run(uint64_t seed, std::string faults) {
  RunOptions options;
  options.seed = seed;
  options.faults = std::move(faults);
  auto result = run_simulation(options);
  EXPECT_TRUE(result.has_value());
  for (const std::string& violation : result->violations)
    ADD_FAILURE() << violation << "\nreplay with: " << replay_command(options);
  return *std::move(result);
}

TEST(Seeds, WithoutFaultsEveryLaunchIsActiveAtTheFirstHost) {
  RunOptions options;
  options.launches = 500;
  auto result = run_simulation(options);
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(result->ok()) << result->violations.front();
  EXPECT_EQ(result->acknowledged_creates, 500u);
  // But those that their clients took back before.
  EXPECT_EQ(result->launches.active_at_first_host + result->launches.deleted_while_building, 500u);
  EXPECT_LT(result->launches.deleted_while_building, 10u);
  EXPECT_EQ(result->launches.tries(), 500u);
  EXPECT_TRUE(result->faults_by_kind.empty());
  EXPECT_EQ(result->servers["ERROR"], 0u);
  EXPECT_GT(result->acknowledged_deletes, 0u);
}

TEST(Seeds, ReplayToTheBit) {
  for (uint64_t seed = 101; seed <= 105; ++seed) EXPECT_EQ(run(seed, "swarm").digest, run(seed, "swarm").digest);
}

TEST(Seeds, DifferFromEachOther) { EXPECT_NE(run(1, "swarm").digest, run(2, "swarm").digest); }

// Promises of a length are kept by elapsed time: a client token makes one server, a fence stands, tokens of a wrong clock
// are drawn anew. From behind to ahead a clock jumps by twice as much, and in between it runs at another rate.
TEST(Seeds, NoClockBeyondEveryHorizonBreaksAPromise) {
  for (const char* by : {"1h", "25h", "400d"}) {
    const std::string file = ::testing::TempDir() + "/clocks-" + by + ".faults";
    std::ofstream(file) << "skew = every 5s by " << by << "\nlose_frame = 0.02\nkill_controller = every 40s for 5s\n";
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      RunResult result = run(seed, file);
      EXPECT_GT(result.faults_by_kind["skew"], 0u);
    }
  }
}

// What is slow, narrow or deaf for hours, and a disk that takes seconds for ever: nothing dies, and nobody is told.
TEST(Seeds, HoursOfGreyFailureEndWhereTheyBegan) {
  const std::string file = ::testing::TempDir() + "/weary.faults";
  std::ofstream(file) << "weary_disk = every 1s for 6h\nlatency = 100us .. 3s\n";
  for (const std::string& faults : {std::string("grey"), file}) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      RunOptions options;
      options.seed = seed;
      options.faults = faults;
      options.duration = seconds(4 * 3600);
      auto result = run_simulation(options);
      ASSERT_TRUE(result.has_value()) << result.error().message;
      for (const std::string& violation : result->violations)
        ADD_FAILURE() << violation << "\nreplay with: " << replay_command(options);
      EXPECT_GT(result->virtual_time.us, options.duration.us);
    }
  }
}

// The controller's store went back to a stage of a move that its host had done more than.
TEST(Seeds, AMoveGoesOnWhereItsHostHasDoneMore) {
  for (uint64_t seed : {975, 1143}) run(seed, "swarm");
}

TEST(Seeds, ServerGroupsKeepTheirPolicies) {
  for (const char* faults : {"none", "crash", "swarm"})
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      RunOptions options;
      options.seed = seed;
      options.faults = faults;
      options.groups = 0.7;
      auto result = run_simulation(options);
      ASSERT_TRUE(result.has_value());
      for (const std::string& violation : result->violations)
        ADD_FAILURE() << violation << "\nreplay with: " << replay_command(options);
    }
}

TEST(Seeds, RefuseWhatIsNoProfile) {
  RunOptions options;
  options.faults = "earthquake";
  EXPECT_EQ(run_simulation(options).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace kilonova::sim
