#include "runtime/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "base/error.h"
#include "runtime/run_task.h"
#include "runtime/scope.h"
#include "runtime/sync.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

Task<int> value(int n) { co_return n; }

Task<int> add(Loop& loop, int a, int b) {
  int first = co_await value(a);
  co_await yield(loop);
  int second = co_await value(b);
  co_return first + second;
}

TEST(Task, ReturnsWhatTheFlowReturns) {
  VirtualLoop loop;
  EXPECT_EQ(run_task(loop, add(loop, 2, 3)), 5);
}

Task<std::unique_ptr<std::string>> text() { co_return std::make_unique<std::string>("abc"); }
Task<std::string> unwrap() { co_return *(co_await text()); }

TEST(Task, MovesAResultThatCannotBeCopied) {
  VirtualLoop loop;
  EXPECT_EQ(run_task(loop, unwrap()), "abc");
}

Task<Expected<int>> half(int n) {
  if (n % 2 != 0) co_return fail(ErrorCode::kInvalidArgument, "odd");
  co_return n / 2;
}

TEST(Task, ReturnsValueOrError) {
  VirtualLoop loop;
  EXPECT_EQ(run_task(loop, half(8)).value(), 4);
  EXPECT_EQ(run_task(loop, half(7)).error().message, "odd");
}

Task<void> note(Log& log, std::string line) {
  log.push_back(line);
  co_return;
}

TEST(Task, IsLazy) {
  Log log;
  {
    Task<void> task = note(log, "ran");
  }
  EXPECT_TRUE(log.empty());
}

Task<void> await_variable(Log& log) {
  Task<void> task = note(log, "ran");
  log.push_back("made");
  co_await std::move(task);
}

TEST(Task, IsAwaitedFromAVariable) {
  VirtualLoop loop;
  Log log;
  run_task(loop, await_variable(log));
  EXPECT_EQ(log, (Log{"made", "ran"}));
}

Task<int> count_down(int n) {
  if (n == 0) co_return 0;
  co_return 1 + co_await count_down(n - 1);
}

Task<int> many_in_a_row(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += co_await value(1);
  co_return sum;
}

// Symmetric transfer: a million flows that end at once do not grow the stack.
TEST(Task, EndsAtOnceWithoutGrowingTheStack) {
  VirtualLoop loop;
  EXPECT_EQ(run_task(loop, many_in_a_row(1'000'000)), 1'000'000);
  EXPECT_EQ(run_task(loop, count_down(2'000)), 2'000);
}

Task<void> sleeper(Loop& loop, Log& log, int depth) {
  Farewell farewell(log, "frame " + std::to_string(depth));
  if (depth > 0) {
    co_await sleeper(loop, log, depth - 1);
  } else {
    co_await sleep_for(loop, seconds(1));
  }
  log.push_back("not reached");
}

TEST(Task, DestroyingASuspendedOneDestroysAllBelowItInnermostFirst) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  FlowId flow = scope.spawn(sleeper(loop, log, 3));
  loop.step();
  EXPECT_TRUE(log.empty());
  EXPECT_TRUE(scope.cancel(flow));
  EXPECT_EQ(log, (Log{"frame 0", "frame 1", "frame 2", "frame 3"}));
  loop.run_until_idle();
  EXPECT_EQ(log.size(), 4u);
  EXPECT_EQ(loop.now(), Instant{});
}

Task<int> with_parameter(Alive) { co_return 1; }

TEST(Task, AnUnstartedOneDestroysItsParameters) {
  int alive = 0;
  {
    Task<int> task = with_parameter(Alive(alive));
  }
  EXPECT_EQ(alive, 0);
}

Task<void> throws() {
  throw std::runtime_error("out of cheese");
  co_return;
}

TEST(TaskDeathTest, AnExceptionThatEscapesAborts) {
  VirtualLoop loop;
  EXPECT_DEATH(run_task(loop, throws()), "an exception escaped a flow: out of cheese");
}

Task<int> awaits_twice() {
  Task<int> task = value(1);
  int sum = co_await std::move(task);
  sum += co_await std::move(task);
  co_return sum;
}

TEST(TaskDeathTest, IsAwaitedOnce) {
  VirtualLoop loop;
  EXPECT_DEATH(run_task(loop, awaits_twice()), "a task can be awaited once");
}

}  // namespace
}  // namespace kilonova
