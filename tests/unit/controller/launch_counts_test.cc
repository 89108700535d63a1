#include "controller/core/launch_counts.h"

#include <gtest/gtest.h>

namespace kilonova::controller {
namespace {

Instance row(VmState state, uint32_t attempt = 1) {
  Instance instance;
  instance.vm_state = state;
  instance.attempt = attempt;
  return instance;
}

LaunchCounts after(VmState before, VmState next) {
  LaunchCounts counts;
  const Instance changed = row(next);
  counts.note(row(before), &changed);
  return counts;
}

TEST(LaunchCounts, ALaunchEndsOnce) {
  EXPECT_EQ(after(VmState::kBuilding, VmState::kActive), (LaunchCounts{.active = 1}));
  EXPECT_EQ(after(VmState::kBuilding, VmState::kError), (LaunchCounts{.error = 1}));
  EXPECT_EQ(after(VmState::kBuilding, VmState::kDeleted), (LaunchCounts{.deleted = 1}));
  EXPECT_EQ(after(VmState::kBuilding, VmState::kBuilding), LaunchCounts());
}

TEST(LaunchCounts, WhatIsNoLaunchIsNotCounted) {
  EXPECT_EQ(after(VmState::kActive, VmState::kError), LaunchCounts());
  EXPECT_EQ(after(VmState::kShelvedOffloaded, VmState::kActive), LaunchCounts());
  EXPECT_EQ(after(VmState::kError, VmState::kActive), LaunchCounts());
  LaunchCounts counts;
  counts.note(row(VmState::kActive), nullptr);
  EXPECT_EQ(counts, LaunchCounts());
}

TEST(LaunchCounts, ARowThatGoesWhileItIsBuiltIsADeletedLaunch) {
  LaunchCounts counts;
  counts.note(row(VmState::kBuilding), nullptr);
  EXPECT_EQ(counts, (LaunchCounts{.deleted = 1}));
}

TEST(LaunchCounts, AnotherAttemptIsARetry) {
  LaunchCounts counts;
  const Instance again = row(VmState::kBuilding, 2);
  counts.note(row(VmState::kBuilding, 1), &again);
  EXPECT_EQ(counts, (LaunchCounts{.retries = 1}));
  const Instance failed = row(VmState::kError, 2);
  counts.note(again, &failed);
  EXPECT_EQ(counts, (LaunchCounts{.error = 1, .retries = 1}));
}

}  // namespace
}  // namespace kilonova::controller
