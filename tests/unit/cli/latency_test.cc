#include "cli/load/latency.h"

#include <gtest/gtest.h>

namespace kilonova::cli {
namespace {

TEST(LatencyTest, NearestRank) {
  std::vector<Duration> hundred;
  for (int64_t i = 100; i >= 1; --i) hundred.push_back(milliseconds(i));
  LatencySummary summary = summarize(hundred);
  EXPECT_EQ(summary.p50, milliseconds(50));
  EXPECT_EQ(summary.p99, milliseconds(99));
  EXPECT_EQ(summary.max, milliseconds(100));
}

TEST(LatencyTest, FewValues) {
  EXPECT_EQ(summarize({}).p99, Duration{});
  EXPECT_EQ(summarize({milliseconds(7)}).p50, milliseconds(7));
  LatencySummary two = summarize({milliseconds(9), milliseconds(3)});
  EXPECT_EQ(two.p50, milliseconds(3));
  EXPECT_EQ(two.p99, milliseconds(9));
}

}  // namespace
}  // namespace kilonova::cli
