// Some hundred small clouds, each with all checkers; a failure prints the command that replays it. Built with sanitizers the
// program takes other seeds, so that the two passes of `./dev test` explore twice as many.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sim/run.h"

namespace kilonova::sim {
namespace {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr uint64_t kFirstSeed = 10'001;
#else
constexpr uint64_t kFirstSeed = 1;
#endif

// Every third one twice: the histories must be the same.
Strikes explore(uint64_t seeds, const std::string& faults, uint64_t first = kFirstSeed) {
  Strikes strikes;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.faults = faults;
    auto result = run_simulation(options);
    EXPECT_TRUE(result.has_value()) << result.error().message;
    if (!result) break;
    for (const std::string& violation : result->violations)
      ADD_FAILURE() << violation << "\nreplay with: " << replay_command(options);
    if (seed % 3 == 0)
      EXPECT_EQ(run_simulation(options)->digest, result->digest)
          << "replay with: " << replay_command(options) << " --check-determinism";
    strikes.add(result->strikes);
  }
  return strikes;
}

TEST(Swarm, OfANetworkThatLosesAndRepeats) { explore(25, "network"); }
TEST(Swarm, OfDaemonsAndHostsThatDie) { explore(25, "crash"); }
TEST(Swarm, OfWhatIsSlowOrDeafForHours) { explore(25, "grey"); }

// And each kind of fault has met a launch; of the seldom ones some hundred worlds may have none that does.
TEST(Swarm, OfAllAtOnce) {
  Strikes strikes = explore(100, "swarm");
  for (uint64_t seeds = 100; seeds < 400 && !find_unstruck(strikes).empty(); seeds += 20)
    strikes.add(explore(20, "swarm", kFirstSeed + seeds));
  EXPECT_THAT(find_unstruck(strikes), ::testing::IsEmpty());
}

}  // namespace
}  // namespace kilonova::sim
