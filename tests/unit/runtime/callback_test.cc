#include "runtime/callback.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

TEST(Callback, CallsASmallFunctionAndDestroysItOnce) {
  int alive = 0;
  int calls = 0;
  {
    Callback callback = [probe = Alive(alive), &calls] { ++calls; };
    EXPECT_EQ(alive, 1);
    callback();
    callback();
  }
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(alive, 0);
}

TEST(Callback, CallsABigFunctionThatDoesNotFitInline) {
  int alive = 0;
  std::array<uint64_t, 20> numbers{};
  numbers[19] = 7;
  uint64_t seen = 0;
  {
    Callback callback = [probe = Alive(alive), numbers, &seen] { seen = numbers[19]; };
    Callback moved = std::move(callback);
    EXPECT_FALSE(callback);
    moved();
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(seen, 7u);
  EXPECT_EQ(alive, 0);
}

TEST(Callback, OwnsMoveOnlyCaptures) {
  std::string seen;
  Callback callback = [text = std::make_unique<std::string>("abc"), &seen] { seen = *text; };
  Callback moved = std::move(callback);
  moved();
  EXPECT_EQ(seen, "abc");
}

TEST(Callback, AssignmentDestroysWhatWasThere) {
  int first = 0;
  int second = 0;
  Callback callback = [probe = Alive(first)] {};
  callback = Callback([probe = Alive(second)] {});
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
  callback.reset();
  EXPECT_EQ(second, 0);
  EXPECT_FALSE(callback);
}

TEST(CallbackDeathTest, AnEmptyOneMustNotBeCalled) {
  Callback callback;
  EXPECT_DEATH(callback(), "an empty callback was called");
}

}  // namespace
}  // namespace kilonova
