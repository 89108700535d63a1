#include "base/backoff.h"

#include <gtest/gtest.h>

#include <vector>

namespace kilonova {
namespace {

// When a caller with this limit asks, the first time at 0.
std::vector<Duration> questions(Duration limit, Random& random) {
  Backoff backoff(limit, random);
  std::vector<Duration> asked;
  for (Duration at; at < limit; at = at + backoff.next()) asked.push_back(at);
  return asked;
}

TEST(Backoff, AsksAboutTenTimesWhateverTheLimit) {
  Random random(1);
  for (Duration limit : {milliseconds(50), seconds(5), seconds(60), seconds(86'400)})
    for (int i = 0; i < 1000; ++i) {
      size_t asked = questions(limit, random).size();
      EXPECT_GE(asked, 8U);
      EXPECT_LE(asked, 12U);
    }
}

TEST(Backoff, PausesGrowToAnEighthOfTheLimit) {
  Random random(2);
  for (int i = 0; i < 1000; ++i) {
    Backoff backoff(seconds(16), random);
    Duration first = backoff.next();
    EXPECT_GE(first, milliseconds(750));
    EXPECT_LE(first, milliseconds(1250));
    for (int j = 0; j < 4; ++j) backoff.next();
    Duration late = backoff.next();
    EXPECT_GE(late, milliseconds(1500));
    EXPECT_LE(late, milliseconds(2500));
  }
}

TEST(Backoff, ThoseWhoAskedTogetherDoNotAskAgainTogether) {
  Random random(3);
  EXPECT_NE(questions(seconds(60), random), questions(seconds(60), random));
}

TEST(Backoff, AlwaysWaitsSomeTime) {
  Random random(4);
  for (Duration limit : {Duration{-5}, Duration{}, Duration{1}}) EXPECT_GE(Backoff(limit, random).next().us, 1);
}

}  // namespace
}  // namespace kilonova
