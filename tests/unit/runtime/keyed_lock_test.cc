#include "runtime/keyed_lock.h"

#include <gtest/gtest.h>

#include <string>

#include "base/ids.h"
#include "runtime/scope.h"
#include "runtime/sleep.h"
#include "runtime/virtual_loop.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

using Lock = KeyedLock<std::string>;

Task<void> works(Loop& loop, Lock& lock, Log& log, std::string key, std::string name) {
  auto guard = co_await lock.acquire(key);
  log.push_back(name + " in");
  co_await sleep_for(loop, seconds(1));
  log.push_back(name + " out");
}

TEST(KeyedLock, OneAtATimeForAKeyInTheOrderTheyCame) {
  VirtualLoop loop;
  Lock lock(loop);
  Log log;
  Scope scope(loop);
  for (std::string name : {"a", "b", "c"}) scope.spawn(works(loop, lock, log, "host-1", name));
  loop.run_until(Instant{});
  EXPECT_TRUE(lock.held("host-1"));
  EXPECT_FALSE(lock.held("host-2"));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a in", "a out", "b in", "b out", "c in", "c out"}));
}

TEST(KeyedLock, KeysDoNotHinderEachOther) {
  VirtualLoop loop;
  Lock lock(loop);
  Log log;
  Scope scope(loop);
  scope.spawn(works(loop, lock, log, "host-1", "a"));
  scope.spawn(works(loop, lock, log, "host-2", "b"));
  loop.run_until(Instant{});
  EXPECT_EQ(log, (Log{"a in", "b in"}));
  EXPECT_EQ(lock.size(), 2u);
}

TEST(KeyedLock, AKeyNobodyHoldsTakesNoMemory) {
  VirtualLoop loop;
  Lock lock(loop);
  Log log;
  Scope scope(loop);
  for (int i = 0; i < 100; ++i) scope.spawn(works(loop, lock, log, std::to_string(i % 30), "x"));
  loop.run_until(Instant{});
  EXPECT_EQ(lock.size(), 30u);
  loop.run_until_idle();
  EXPECT_EQ(lock.size(), 0u);
}

// The table of keys grows while flows wait in it.
TEST(KeyedLock, WaitersSurviveTheGrowthOfTheTable) {
  VirtualLoop loop;
  KeyedLock<int> lock(loop);
  Scope scope(loop);
  int done = 0;
  auto flow = [](Loop& loop, KeyedLock<int>& lock, int key, int& done) -> Task<void> {
    auto guard = co_await lock.acquire(key);
    co_await yield(loop);
    ++done;
  };
  for (int round = 0; round < 3; ++round) {
    for (int key = 0; key < 1000; ++key) scope.spawn(flow(loop, lock, key, done));
  }
  loop.run_until_idle();
  EXPECT_EQ(done, 3000);
  EXPECT_EQ(lock.size(), 0u);
}

TEST(KeyedLock, AWaiterThatIsDestroyedLeavesTheQueue) {
  VirtualLoop loop;
  Lock lock(loop);
  Log log;
  Scope scope(loop);
  scope.spawn(works(loop, lock, log, "k", "a"));
  FlowId b = scope.spawn(works(loop, lock, log, "k", "b"));
  scope.spawn(works(loop, lock, log, "k", "c"));
  loop.run_until(Instant{});
  scope.cancel(b);
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a in", "a out", "c in", "c out"}));
}

TEST(KeyedLock, ALockOnItsWayToADestroyedFlowPassesOn) {
  VirtualLoop loop;
  Lock lock(loop);
  Log log;
  Scope scope(loop);
  FlowId a = scope.spawn(works(loop, lock, log, "k", "a"));
  FlowId b = scope.spawn(works(loop, lock, log, "k", "b"));
  scope.spawn(works(loop, lock, log, "k", "c"));
  loop.run_until(Instant{});
  scope.cancel(a);  // b has the lock, its wake-up is queued
  EXPECT_TRUE(lock.held("k"));
  scope.cancel(b);  // c has it
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a in", "c in", "c out"}));
  EXPECT_EQ(lock.size(), 0u);
}

TEST(KeyedLock, AReleaseOnItsWayToTheLastDestroyedFlowFreesTheKey) {
  VirtualLoop loop;
  Lock lock(loop);
  Log log;
  Scope scope(loop);
  FlowId a = scope.spawn(works(loop, lock, log, "k", "a"));
  FlowId b = scope.spawn(works(loop, lock, log, "k", "b"));
  loop.run_until(Instant{});
  scope.cancel(a);
  scope.cancel(b);
  EXPECT_FALSE(lock.held("k"));
}

TEST(KeyedLock, AGuardReleasesEarlyAndOnce) {
  VirtualLoop loop;
  KeyedLock<Uuid> lock(loop);
  Scope scope(loop);
  auto flow = [](KeyedLock<Uuid>& lock) -> Task<void> {
    Random random(1);
    Uuid first = random_uuid(random);
    Uuid second = random_uuid(random);
    KeyedLock<Uuid>::Guard guard = co_await lock.acquire(first);
    KeyedLock<Uuid>::Guard other = co_await lock.acquire(second);
    EXPECT_TRUE(guard.held());
    guard = std::move(other);
    EXPECT_FALSE(lock.held(first));
    EXPECT_TRUE(lock.held(second));
    guard.release();
    EXPECT_FALSE(lock.held(second));
    EXPECT_FALSE(guard.held());
    guard.release();
  };
  scope.spawn(flow(lock));
  loop.run_until_idle();
  EXPECT_EQ(scope.size(), 0u);
}

TEST(KeyedLockDeathTest, MustOutliveItsFlows) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  EXPECT_DEATH(
      {
        Lock lock(loop);
        scope.spawn(works(loop, lock, log, "k", "a"));
        loop.run_until(Instant{});
      },
      "a lock died before the flows that use it");
}

}  // namespace
}  // namespace kilonova
