// The table of strikes: what counts as a hole in an exploration.
#include "sim/strikes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fault_profile_file.h"

namespace kilonova::sim {
namespace {

bool has_gap(const std::vector<Gap>& gaps, std::string_view fault, LaunchStep step, bool possible) {
  return std::ranges::any_of(
      gaps, [&](const Gap& gap) { return gap.fault == fault && gap.step == step && gap.reason.empty() == possible; });
}

TEST(Strikes, APairNeverStruckIsAGapOrImpossible) {
  Strikes strikes;
  strikes.count("kill network", LaunchStep::kAddressAllocated);
  auto gaps = find_gaps(strikes);
  EXPECT_FALSE(has_gap(gaps, "kill network", LaunchStep::kAddressAllocated, true));
  EXPECT_TRUE(has_gap(gaps, "kill compute", LaunchStep::kImageReady, true));
  EXPECT_TRUE(has_gap(gaps, "message lost", LaunchStep::kRunCast, true));
  EXPECT_TRUE(has_gap(gaps, "slow scheduler", LaunchStep::kRunCast, false)) << "no message asks for it";
  EXPECT_TRUE(has_gap(gaps, "kill scheduler", LaunchStep::kRunCast, true)) << "the cast may wait in its queue";
  EXPECT_TRUE(has_gap(gaps, "refusal compute", LaunchStep::kImageReady, false)) << "nothing is written";
  EXPECT_TRUE(has_gap(gaps, "refusal compute", LaunchStep::kGuestStarted, true));
  EXPECT_TRUE(has_gap(gaps, "message lost", LaunchStep::kGuestStarted, false)) << "no message says it";
}

// A daemon's fault strikes the steps that this daemon does.
TEST(Strikes, StepsOfOtherDaemonsAreNoGaps) {
  for (const Gap& gap : find_gaps({}))
    if (gap.fault == "kill network") EXPECT_EQ(gap.step, LaunchStep::kAddressAllocated);
}

// A key that is added and has no kind would be struck by nobody, and nobody would miss it.
TEST(Strikes, EveryKeyOfAProfileCountsAsSomething) {
  const std::set<std::string_view> how_a_world_is{"latency", "service_time", "slow_hypervisors", "tight_quota",
                                                  "small_hosts"};
  const std::vector<std::string> unstruck = find_unstruck({});
  size_t kinds = 0;
  for (std::string_view key : fault_keys()) {
    EXPECT_EQ(kinds_of_key(key).empty(), how_a_world_is.contains(key)) << key;
    for (const std::string& kind : kinds_of_key(key)) {
      EXPECT_TRUE(is_kind_of_fault(kind)) << kind;
      EXPECT_NE(std::ranges::find(unstruck, kind), unstruck.end()) << kind;
      kinds += 1;
    }
  }
  EXPECT_EQ(unstruck.size(), kinds) << "a kind is of a key that no profile can say";
  EXPECT_FALSE(is_kind_of_fault("earthquake"));
}

}  // namespace
}  // namespace kilonova::sim
