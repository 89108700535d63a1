#include "runtime/semaphore.h"

#include <gtest/gtest.h>

#include <optional>

#include "runtime/scope.h"
#include "runtime/sleep.h"
#include "runtime/virtual_loop.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

Task<void> works(Loop& loop, Semaphore& semaphore, Log& log, std::string name, Duration time) {
  auto permit = co_await semaphore.acquire();
  log.push_back(name + " in");
  co_await sleep_for(loop, time);
  log.push_back(name + " out");
}

TEST(Semaphore, AdmitsSoManyAndTheNextInTheOrderTheyCame) {
  VirtualLoop loop;
  Semaphore semaphore(loop, 2);
  Log log;
  Scope scope(loop);
  scope.spawn(works(loop, semaphore, log, "a", seconds(3)));
  scope.spawn(works(loop, semaphore, log, "b", seconds(1)));
  scope.spawn(works(loop, semaphore, log, "c", seconds(1)));
  scope.spawn(works(loop, semaphore, log, "d", seconds(9)));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a in", "b in", "b out", "c in", "c out", "d in", "a out", "d out"}));
  EXPECT_EQ(semaphore.available(), 2u);
}

TEST(Semaphore, AFreePermitIsTakenWithoutWaiting) {
  VirtualLoop loop;
  Semaphore semaphore(loop, 1);
  Log log;
  Scope scope(loop);
  scope.spawn(works(loop, semaphore, log, "a", seconds(1)));
  loop.step();
  EXPECT_EQ(log, (Log{"a in"}));
}

// A permit given back goes to who waits, not to who asks in the moment before that one resumes.
TEST(Semaphore, NobodyJumpsTheQueue) {
  VirtualLoop loop;
  Semaphore semaphore(loop, 1);
  Log log;
  Scope scope(loop);
  std::optional<Semaphore::Permit> held;
  auto take = [](Semaphore& semaphore, std::optional<Semaphore::Permit>& held) -> Task<void> {
    held.emplace(co_await semaphore.acquire());
  };
  scope.spawn(take(semaphore, held));
  scope.spawn(works(loop, semaphore, log, "waiter", Duration{}));
  loop.run_until_idle();
  scope.spawn(works(loop, semaphore, log, "late", Duration{}));
  held->release();
  EXPECT_FALSE(held->held());
  EXPECT_EQ(semaphore.available(), 0u);
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"waiter in", "waiter out", "late in", "late out"}));
}

TEST(Semaphore, AWaiterThatIsDestroyedLeavesTheQueue) {
  VirtualLoop loop;
  Semaphore semaphore(loop, 1);
  Log log;
  Scope scope(loop);
  scope.spawn(works(loop, semaphore, log, "a", seconds(1)));
  FlowId b = scope.spawn(works(loop, semaphore, log, "b", seconds(1)));
  scope.spawn(works(loop, semaphore, log, "c", seconds(1)));
  loop.run_until(Instant{});
  scope.cancel(b);
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a in", "a out", "c in", "c out"}));
  EXPECT_EQ(semaphore.available(), 1u);
}

TEST(Semaphore, APermitOnItsWayToADestroyedFlowPassesOn) {
  VirtualLoop loop;
  Semaphore semaphore(loop, 1);
  Log log;
  Scope scope(loop);
  FlowId a = scope.spawn(works(loop, semaphore, log, "a", seconds(1)));
  FlowId b = scope.spawn(works(loop, semaphore, log, "b", seconds(1)));
  FlowId c = scope.spawn(works(loop, semaphore, log, "c", seconds(1)));
  scope.spawn(works(loop, semaphore, log, "d", seconds(1)));
  loop.run_until(Instant{});
  scope.cancel(a);  // b has the permit, its wake-up is queued
  scope.cancel(b);  // c has it
  scope.cancel(c);  // d has it
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a in", "d in", "d out"}));
  EXPECT_EQ(semaphore.available(), 1u);
}

TEST(Semaphore, APermitMovesAndIsGivenBackOnce) {
  VirtualLoop loop;
  Semaphore semaphore(loop, 2);
  Scope scope(loop);
  auto moves = [](Semaphore& semaphore) -> Task<void> {
    Semaphore::Permit first = co_await semaphore.acquire();
    Semaphore::Permit second = co_await semaphore.acquire();
    EXPECT_EQ(semaphore.available(), 0u);
    first = std::move(second);
    EXPECT_EQ(semaphore.available(), 1u);
    first.release();
    first.release();
    EXPECT_EQ(semaphore.available(), 2u);
  };
  scope.spawn(moves(semaphore));
  loop.run_until_idle();
  EXPECT_EQ(semaphore.available(), 2u);
}

TEST(SemaphoreDeathTest, MustOutliveItsPermits) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  EXPECT_DEATH(
      {
        Semaphore semaphore(loop, 1);
        scope.spawn(works(loop, semaphore, log, "a", seconds(1)));
        loop.run_until(Instant{});
      },
      "a semaphore died before the flows that use it");
}

}  // namespace
}  // namespace kilonova
