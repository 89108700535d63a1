#include "base/histogram.h"

#include <gtest/gtest.h>

namespace kilonova {
namespace {

TEST(Histogram, AValueCountsUpToItsBound) {
  SizeCounts sizes;
  for (int64_t size : {1, 2, 3, 4, 1024, 1025}) sizes.add(size);
  EXPECT_EQ(sizes.up_to(0), 1u);   // 1
  EXPECT_EQ(sizes.up_to(1), 2u);   // 2
  EXPECT_EQ(sizes.up_to(2), 4u);   // 4
  EXPECT_EQ(sizes.up_to(9), 4u);   // 512
  EXPECT_EQ(sizes.up_to(10), 5u);  // 1024
  EXPECT_EQ(sizes.count(), 6u);
  EXPECT_EQ(sizes.sum(), 2059);
}

TEST(Histogram, DurationsAreMicroseconds) {
  DurationCounts durations;
  durations.add(microseconds(0));
  durations.add(microseconds(25));
  durations.add(microseconds(26));
  durations.add(seconds(3600));
  EXPECT_EQ(durations.up_to(0), 2u);
  EXPECT_EQ(durations.up_to(1), 3u);
  EXPECT_EQ(durations.up_to(DurationCounts::kBounds - 1), 3u);
  EXPECT_EQ(durations.count(), 4u);
  EXPECT_EQ(durations.sum(), 3'600'000'051);
}

TEST(Histogram, BoundsAscend) {
  EXPECT_TRUE(std::ranges::is_sorted(kDurationBounds));
  EXPECT_TRUE(std::ranges::is_sorted(kSizeBounds));
}

}  // namespace
}  // namespace kilonova
