#include "runtime/when_all.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "runtime/run_task.h"
#include "runtime/sync.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

Task<std::unique_ptr<int>> gives(Loop& loop, Duration delay, int value) {
  if (delay > Duration{}) co_await sleep_for(loop, delay);
  co_return std::make_unique<int>(value);
}

Task<std::vector<int>> gather(Loop& loop, std::vector<Duration> delays) {
  std::vector<Task<std::unique_ptr<int>>> tasks;
  for (size_t i = 0; i < delays.size(); ++i) tasks.push_back(gives(loop, delays[i], static_cast<int>(i)));
  std::vector<std::unique_ptr<int>> results = co_await when_all(loop, std::move(tasks));
  std::vector<int> values;
  for (auto& result : results) values.push_back(*result);
  co_return values;
}

TEST(WhenAll, GivesTheResultsInTheOrderOfTheTasks) {
  VirtualLoop loop;
  EXPECT_EQ(run_task(loop, gather(loop, {seconds(3), seconds(1), seconds(2)})), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(loop.now(), Instant{} + seconds(3));
}

TEST(WhenAll, TakesTasksThatEndAtOnceAndNone) {
  VirtualLoop loop;
  EXPECT_EQ(run_task(loop, gather(loop, {Duration{}, Duration{}})), (std::vector<int>{0, 1}));
  EXPECT_EQ(run_task(loop, gather(loop, {Duration{}, seconds(1), Duration{}})), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(run_task(loop, gather(loop, {})), (std::vector<int>{}));
}

Task<void> notes(Loop& loop, Log& log, std::string name) {
  Farewell farewell(log, name + " gone");
  log.push_back(name);
  co_await sleep_for(loop, seconds(1));
}

Task<void> notes_all(Loop& loop, Log& log) {
  std::vector<Task<void>> tasks;
  for (std::string name : {"a", "b", "c"}) tasks.push_back(notes(loop, log, name));
  co_await when_all(loop, std::move(tasks));
  log.push_back("all");
}

TEST(WhenAll, StartsInOrderAndRunsTogether) {
  VirtualLoop loop;
  Log log;
  run_task(loop, notes_all(loop, log));
  EXPECT_EQ(log, (Log{"a", "b", "c", "a gone", "b gone", "c gone", "all"}));
  EXPECT_EQ(loop.now(), Instant{} + seconds(1));
}

TEST(WhenAll, IsDestroyedInMidFlightWithAllItsTasks) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  FlowId flow = scope.spawn(notes_all(loop, log));
  loop.step();
  EXPECT_TRUE(scope.cancel(flow));
  EXPECT_EQ(log.size(), 6u);
  EXPECT_FALSE(loop.step());
}

TEST(WhenAll, IsDestroyedAfterTheLastTaskAndBeforeItGoesOn) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  FlowId flow = scope.spawn(notes_all(loop, log));
  loop.step();
  for (int i = 0; i < 3; ++i) loop.step();
  EXPECT_EQ(log.back(), "c gone");
  EXPECT_TRUE(scope.cancel(flow));
  EXPECT_FALSE(loop.step());
  EXPECT_EQ(log.back(), "c gone");
}

Task<void> limited(Loop& loop, Log& log) {
  bool finished = co_await with_timeout(loop, milliseconds(500), notes_all(loop, log));
  log.push_back(finished ? "finished" : "given up");
}

TEST(WhenAll, IsGivenUpByATimeOut) {
  VirtualLoop loop;
  Log log;
  run_task(loop, limited(loop, log));
  EXPECT_EQ(log, (Log{"a", "b", "c", "a gone", "b gone", "c gone", "given up"}));
}

}  // namespace
}  // namespace kilonova
