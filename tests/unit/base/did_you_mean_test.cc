#include "base/did_you_mean.h"

#include <gtest/gtest.h>

namespace kilonova {
namespace {

TEST(DidYouMean, TheNearestWordIsMeantAndAFarOneIsNot) {
  const std::vector<std::string> known{"server", "service", "up"};
  EXPECT_EQ(did_you_mean("srever", known), "server");
  EXPECT_EQ(did_you_mean("servise", known), "service");
  EXPECT_EQ(did_you_mean("uo", known), "up");
  EXPECT_EQ(did_you_mean("flavor", known), std::nullopt);
  EXPECT_EQ(did_you_mean("it", known), std::nullopt) << "every letter of a short word is no slip";
  EXPECT_EQ(did_you_mean("server", {}), std::nullopt);
}

}  // namespace
}  // namespace kilonova
