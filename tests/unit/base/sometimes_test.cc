#include "base/sometimes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kilonova {
namespace {

void take(int branch) {
  if (branch == 1) KN_SOMETIMES("test: the first");
  if (branch == 2) KN_SOMETIMES("test: the second");
}

SometimesBranch* find(std::string_view name) {
  auto branches = sometimes_branches();
  auto found = std::ranges::find(branches, name, &SometimesBranch::name);
  return found == branches.end() ? nullptr : &*found;
}

TEST(Sometimes, BranchesAreKnownBeforeTheyAreReached) {
  take(1);
  ASSERT_NE(find("test: the second"), nullptr);
  EXPECT_TRUE(find("test: the first")->was_reached());
  EXPECT_FALSE(find("test: the second")->was_reached());
}

TEST(Sometimes, WhatIsForgottenCanBeReachedAgain) {
  SometimesBranch& first = *find("test: the first");
  take(1);
  first.forget();
  EXPECT_FALSE(first.was_reached());
  take(1);
  take(1);
  EXPECT_TRUE(first.was_reached());
}

}  // namespace
}  // namespace kilonova
