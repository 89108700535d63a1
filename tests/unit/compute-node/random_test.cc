// Many random storms. A failure prints its seed; KILONOVA_SEED=n runs that one alone, and says what happens.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/unit/compute-node/chaos_cloud.h"

namespace kilonova::testing {
namespace {

void run_seeds(uint64_t first, uint64_t count, ChaosCloud::Happened& total) {
  for (uint64_t seed = first; seed < first + count; ++seed) {
    ChaosCloud cloud(seed, count == 1);
    cloud.run();
    ASSERT_EQ(cloud.check(), "") << "KILONOVA_SEED=" << seed;
    total.active += cloud.happened.active;
    total.rescheduled += cloud.happened.rescheduled;
    total.failed += cloud.happened.failed;
    total.lost += cloud.happened.lost;
    total.terminated += cloud.happened.terminated;
    total.powered += cloud.happened.powered;
  }
}

TEST(RandomStorms, LeaveNothingBehindAndLoseNothingPromised) {
  ChaosCloud::Happened total;
  if (const char* seed = std::getenv("KILONOVA_SEED")) return run_seeds(std::strtoull(seed, nullptr, 10), 1, total);
  run_seeds(1, 20'000, total);
  // A storm that hits nothing proves nothing.
  for (size_t count : {total.active, total.rescheduled, total.failed, total.lost, total.terminated, total.powered})
    EXPECT_GT(count, 1000U);
}

}  // namespace
}  // namespace kilonova::testing
