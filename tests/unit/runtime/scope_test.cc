#include "runtime/scope.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "runtime/sync.h"
#include "runtime/virtual_loop.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

Task<void> steps(Loop& loop, Log& log, std::string name, int count) {
  Farewell farewell(log, name + " dies");
  for (int i = 1; i <= count; ++i) {
    log.push_back(name + std::to_string(i));
    co_await yield(loop);
  }
}

TEST(Scope, StartsFlowsThroughTheLoopInOrder) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  EXPECT_EQ(scope.spawn(steps(loop, log, "a", 2)), 1u);
  EXPECT_EQ(scope.spawn(steps(loop, log, "b", 2)), 2u);
  EXPECT_TRUE(log.empty());
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a1", "b1", "a2", "b2", "a dies", "b dies"}));
  EXPECT_EQ(scope.size(), 0u);
}

Task<void> holds(Loop& loop, Alive) { co_await yield(loop); }

TEST(Scope, FreesAFrameAsSoonAsItEnds) {
  VirtualLoop loop;
  Scope scope(loop);
  int alive = 0;
  scope.spawn(holds(loop, Alive(alive)));
  EXPECT_EQ(alive, 1);
  loop.step();
  EXPECT_EQ(alive, 1);
  loop.step();
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(scope.size(), 0u);
}

TEST(Scope, DestroysItsFlowsInSpawnOrder) {
  VirtualLoop loop;
  Log log;
  {
    Scope scope(loop);
    for (std::string name : {"a", "b", "c"}) scope.spawn(steps(loop, log, name, 9));
    loop.step();
    loop.step();
    log.clear();
  }
  // c never started, so it has no farewell to say; its frame is gone all the same.
  EXPECT_EQ(log, (Log{"a dies", "b dies"}));
  EXPECT_FALSE(loop.step());
}

TEST(Scope, CancelsAFlowThatHasNotStarted) {
  VirtualLoop loop;
  Scope scope(loop);
  int alive = 0;
  FlowId flow = scope.spawn(holds(loop, Alive(alive)));
  EXPECT_TRUE(scope.cancel(flow));
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(scope.cancel(flow));
  EXPECT_FALSE(loop.step());
}

TEST(Scope, CancelsAFlowThatIsQueuedToRun) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  FlowId flow = scope.spawn(steps(loop, log, "a", 9));
  loop.step();
  EXPECT_TRUE(scope.cancel(flow));
  EXPECT_EQ(log, (Log{"a1", "a dies"}));
  EXPECT_FALSE(loop.step());
}

TEST(Scope, AFinishedOrUnknownFlowIsNotCancelled) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  FlowId flow = scope.spawn(steps(loop, log, "a", 1));
  loop.run_until_idle();
  EXPECT_FALSE(scope.cancel(flow));
  EXPECT_FALSE(scope.cancel(0));
  EXPECT_FALSE(scope.cancel(77));
}

Task<void> cancels(Scope& scope, FlowId victim, Log& log) {
  log.push_back(scope.cancel(victim) ? "cancelled" : "too late");
  co_return;
}

TEST(Scope, AFlowCancelsAnother) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  FlowId victim = scope.spawn(steps(loop, log, "a", 9));
  scope.spawn(cancels(scope, victim, log));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a1", "a dies", "cancelled"}));
}

Task<void> family(Loop& loop, Scope& scope, Log& log, int generation) {
  log.push_back("generation " + std::to_string(generation));
  if (generation > 0) scope.spawn(family(loop, scope, log, generation - 1));
  co_await yield(loop);
}

TEST(Scope, AFlowSpawnsAnotherThatOutlivesIt) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  scope.spawn(family(loop, scope, log, 3));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"generation 3", "generation 2", "generation 1", "generation 0"}));
  EXPECT_EQ(scope.size(), 0u);
}

TEST(Scope, ACallbackDestroysTheScope) {
  VirtualLoop loop;
  Log log;
  std::optional<Scope> scope(loop);
  scope->spawn(steps(loop, log, "a", 9));
  loop.post([&] { scope.reset(); });
  scope->spawn(steps(loop, log, "b", 9));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a1", "a dies"}));
}

struct CancelsAtDeath {
  CancelsAtDeath(Scope& scope, FlowId victim, Log& log) : scope(&scope), victim(victim), log(&log) {}
  CancelsAtDeath(CancelsAtDeath&& other) noexcept
      : scope(std::exchange(other.scope, nullptr)), victim(other.victim), log(other.log) {}
  ~CancelsAtDeath() {
    if (scope != nullptr) log->push_back(scope->cancel(victim) ? "cancelled" : "was gone");
  }
  Scope* scope;
  FlowId victim;
  Log* log;
};

Task<void> dies_cancelling(Loop& loop, CancelsAtDeath) { co_await sleep_for(loop, seconds(1)); }

TEST(Scope, AFrameMayCancelOthersWhileItDies) {
  VirtualLoop loop;
  Log log;
  {
    Scope scope(loop);
    scope.spawn(dies_cancelling(loop, CancelsAtDeath(scope, 2, log)));
    scope.spawn(steps(loop, log, "b", 9));
    scope.spawn(dies_cancelling(loop, CancelsAtDeath(scope, 3, log)));
    loop.step();
    loop.step();
  }
  EXPECT_EQ(log, (Log{"b1", "b dies", "cancelled", "was gone"}));
}

// A parameter lives until the frame is freed, after the flow has ended: it finds the flow gone.
TEST(Scope, AParameterThatDiesLastFindsItsFlowGone) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  scope.spawn(dies_cancelling(loop, CancelsAtDeath(scope, 1, log)));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"was gone"}));
}

struct Owner {
  explicit Owner(Loop& loop) : scope(loop) {}
  Scope scope;
};

Task<void> keeps(Loop& loop, std::shared_ptr<Owner>) { co_await yield(loop); }

// The last owner of the scope is a parameter of its last flow.
TEST(Scope, MayDieWithTheLastFrameItFrees) {
  VirtualLoop loop;
  auto owner = std::make_shared<Owner>(loop);
  std::weak_ptr<Owner> watch = owner;
  Scope& scope = owner->scope;
  scope.spawn(keeps(loop, std::move(owner)));
  loop.run_until_idle();
  EXPECT_TRUE(watch.expired());
}

Task<void> cancels_itself(Scope& scope) {
  scope.cancel(1);
  co_return;
}

TEST(ScopeDeathTest, AFlowMustNotCancelItself) {
  VirtualLoop loop;
  Scope scope(loop);
  scope.spawn(cancels_itself(scope));
  EXPECT_DEATH(loop.run_until_idle(), "a flow cancelled itself or destroyed its own scope");
}

Task<void> cancels_later(Loop& loop, Scope& scope) {
  co_await yield(loop);
  co_await cancels_itself(scope);
}

TEST(ScopeDeathTest, AFlowMustNotCancelItselfFromBelow) {
  VirtualLoop loop;
  Scope scope(loop);
  scope.spawn(cancels_later(loop, scope));
  EXPECT_DEATH(loop.run_until_idle(), "a flow cancelled itself or destroyed its own scope");
}

}  // namespace
}  // namespace kilonova
