// Some hundred small clouds, each with all checkers; a failure prints the command that replays it. Built with sanitizers the
// program takes other seeds, so that the two passes of `./dev test` explore twice as many.
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

void explore(uint64_t seeds, const std::string& faults) {
  for (uint64_t seed = kFirstSeed; seed < kFirstSeed + seeds; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.faults = faults;
    auto result = run_simulation(options);
    ASSERT_TRUE(result.has_value()) << result.error().message;
    for (const std::string& violation : result->violations)
      ADD_FAILURE() << violation << "\nreplay with: " << replay_command(options);
  }
}

TEST(Swarm, OfANetworkThatLosesAndRepeats) { explore(25, "network"); }
TEST(Swarm, OfDaemonsAndHostsThatDie) { explore(25, "crash"); }
TEST(Swarm, OfAllAtOnce) { explore(100, "swarm"); }

}  // namespace
}  // namespace kilonova::sim
