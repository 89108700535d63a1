#include "runtime/with_timeout.h"

#include <gtest/gtest.h>

#include "runtime/run_task.h"
#include "runtime/sync.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

Task<std::string> answers_after(Loop& loop, Duration delay, Log& log) {
  Farewell farewell(log, "gone");
  if (delay > Duration{}) co_await sleep_for(loop, delay);
  co_return "answer";
}

TEST(WithTimeout, ReturnsAResultInTime) {
  VirtualLoop loop;
  Log log;
  EXPECT_EQ(run_task(loop, with_timeout(loop, seconds(2), answers_after(loop, seconds(1), log))), "answer");
  EXPECT_EQ(loop.now(), Instant{} + seconds(1));
  EXPECT_FALSE(loop.step());
}

TEST(WithTimeout, ReturnsAResultThatIsThereAtOnce) {
  VirtualLoop loop;
  Log log;
  EXPECT_EQ(run_task(loop, with_timeout(loop, seconds(2), answers_after(loop, Duration{}, log))), "answer");
  EXPECT_FALSE(loop.step());
}

Task<void> tries(Loop& loop, Log& log) {
  std::optional<std::string> answer = co_await with_timeout(loop, seconds(1), answers_after(loop, seconds(5), log));
  log.push_back(answer.value_or("nothing") + " at " + std::to_string(loop.now().us));
}

TEST(WithTimeout, DestroysTheTaskThatTakesTooLong) {
  VirtualLoop loop;
  Log log;
  run_task(loop, tries(loop, log));
  EXPECT_EQ(log, (Log{"gone", "nothing at 1000000"}));
  EXPECT_FALSE(loop.step());
}

Task<void> sleeps(Loop& loop, Duration delay) { co_await sleep_for(loop, delay); }

TEST(WithTimeout, OfATaskWithoutAResultSaysWhetherItEnded) {
  VirtualLoop loop;
  EXPECT_TRUE(run_task(loop, with_timeout(loop, seconds(2), sleeps(loop, seconds(1)))));
  EXPECT_FALSE(run_task(loop, with_timeout(loop, seconds(1), sleeps(loop, seconds(2)))));
}

TEST(WithTimeout, GivesUpAtTheVeryInstantOfTheLimit) {
  VirtualLoop loop;
  EXPECT_FALSE(run_task(loop, with_timeout(loop, seconds(1), sleeps(loop, seconds(1)))));
  EXPECT_FALSE(loop.step());
}

TEST(WithTimeout, NestsAndTheShorterOneWins) {
  VirtualLoop loop;
  Log log;
  auto inner_first = run_task(
      loop, with_timeout(loop, seconds(9), with_timeout(loop, seconds(1), answers_after(loop, seconds(5), log))));
  ASSERT_TRUE(inner_first.has_value());
  EXPECT_FALSE(inner_first->has_value());
  auto outer_first = run_task(
      loop, with_timeout(loop, seconds(1), with_timeout(loop, seconds(9), answers_after(loop, seconds(5), log))));
  EXPECT_FALSE(outer_first.has_value());
  EXPECT_FALSE(loop.step());
}

Task<void> tries_to_lock(Loop& loop, KeyedLock<int>& lock, Log& log) {
  auto acquire = [](KeyedLock<int>& lock) -> Task<KeyedLock<int>::Guard> { co_return co_await lock.acquire(1); };
  auto guard = co_await with_timeout(loop, seconds(1), acquire(lock));
  log.push_back(guard ? "locked" : "gave up");
}

TEST(WithTimeout, AFlowThatGivesUpWaitingLeavesTheQueue) {
  VirtualLoop loop;
  KeyedLock<int> lock(loop);
  Log log;
  Scope scope(loop);
  auto holds = [](Loop& loop, KeyedLock<int>& lock) -> Task<void> {
    auto guard = co_await lock.acquire(1);
    co_await sleep_for(loop, seconds(5));
  };
  scope.spawn(holds(loop, lock));
  scope.spawn(tries_to_lock(loop, lock, log));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"gave up"}));
  EXPECT_FALSE(lock.held(1));
}

// The lock is handed over and, at the same instant, the limit ends: the lock must not be lost.
TEST(WithTimeout, ALockHandedOverAtTheInstantOfTheLimitPassesOn) {
  VirtualLoop loop;
  KeyedLock<int> lock(loop);
  Log log;
  Scope scope(loop);
  auto holds = [](Loop& loop, KeyedLock<int>& lock) -> Task<void> {
    auto guard = co_await lock.acquire(1);
    co_await sleep_for(loop, seconds(1));
  };
  scope.spawn(holds(loop, lock));
  scope.spawn(tries_to_lock(loop, lock, log));
  scope.spawn(holds(loop, lock));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"gave up"}));
  EXPECT_EQ(scope.size(), 0u);
  EXPECT_FALSE(lock.held(1));
}

TEST(WithTimeout, IsDestroyedInMidFlight) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  FlowId flow = scope.spawn(tries(loop, log));
  loop.step();
  scope.cancel(flow);
  EXPECT_EQ(log, (Log{"gone"}));
  EXPECT_FALSE(loop.step());
}

}  // namespace
}  // namespace kilonova
