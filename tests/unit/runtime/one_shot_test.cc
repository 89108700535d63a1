#include "runtime/one_shot.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "runtime/scope.h"
#include "runtime/sleep.h"
#include "runtime/virtual_loop.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

using Text = std::unique_ptr<std::string>;

Text text(std::string value) { return std::make_unique<std::string>(std::move(value)); }

Task<void> waits(OneShot<Text>& shot, Log& log) {
  Text value = co_await shot.wait();
  log.push_back(*value);
}

Task<void> waits_for(OneShot<Text>& shot, Duration limit, Log& log) {
  std::optional<Text> value = co_await shot.wait_for(limit);
  log.push_back(value ? **value : "nothing");
}

TEST(OneShot, GivesAValueThatWasSetBefore) {
  VirtualLoop loop;
  OneShot<Text> shot(loop);
  Log log;
  Scope scope(loop);
  EXPECT_FALSE(shot.is_set());
  EXPECT_TRUE(shot.set(text("x")));
  EXPECT_TRUE(shot.is_set());
  scope.spawn(waits(shot, log));
  loop.step();
  EXPECT_EQ(log, (Log{"x"}));
}

TEST(OneShot, WakesWhoWaitsThroughTheLoop) {
  VirtualLoop loop;
  OneShot<Text> shot(loop);
  Log log;
  Scope scope(loop);
  scope.spawn(waits(shot, log));
  loop.run_until_idle();
  shot.set(text("x"));
  EXPECT_TRUE(log.empty());
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"x"}));
}

TEST(OneShot, IsSetOnceEvenAfterItWasTaken) {
  VirtualLoop loop;
  OneShot<Text> shot(loop);
  Log log;
  Scope scope(loop);
  EXPECT_TRUE(shot.set(text("x")));
  EXPECT_FALSE(shot.set(text("y")));
  scope.spawn(waits(shot, log));
  loop.run_until_idle();
  EXPECT_FALSE(shot.set(text("z")));
  EXPECT_EQ(log, (Log{"x"}));
}

TEST(OneShot, TheTimeLimitEndsTheWaitAndTheValueCanStillCome) {
  VirtualLoop loop;
  OneShot<Text> shot(loop);
  Log log;
  Scope scope(loop);
  scope.spawn(waits_for(shot, seconds(1), log));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"nothing"}));
  EXPECT_EQ(loop.now(), Instant{} + seconds(1));
  EXPECT_TRUE(shot.set(text("late")));
  scope.spawn(waits_for(shot, seconds(1), log));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"nothing", "late"}));
}

TEST(OneShot, AValueInTimeCancelsTheTimer) {
  VirtualLoop loop;
  OneShot<Text> shot(loop);
  Log log;
  Scope scope(loop);
  scope.spawn(waits_for(shot, seconds(60), log));
  loop.run_until(Instant{});
  shot.set(text("x"));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"x"}));
  EXPECT_EQ(loop.now(), Instant{});
}

// The wait is a variable that outlives its co_await: its timer must not wake the flow out of a later one.
TEST(OneShot, AValueInTimeLeavesNoTimerBehind) {
  VirtualLoop loop;
  OneShot<Text> shot(loop);
  Log log;
  Scope scope(loop);
  auto flow = [](Loop& loop, OneShot<Text>& shot, Log& log) -> Task<void> {
    auto wait = shot.wait_for(seconds(1));
    bool came = (co_await wait).has_value();
    co_await sleep_for(loop, seconds(5));
    log.push_back((came ? "came, slept until " : "nothing, slept until ") + std::to_string(loop.now().us));
  };
  scope.spawn(flow(loop, shot, log));
  loop.step();
  shot.set(text("x"));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"came, slept until 5000000"}));
}

// Both at the same instant: the value wins when it is set before the time-out runs, and is kept when after.
TEST(OneShot, AValueAtTheVeryInstantOfTheTimeOut) {
  for (bool value_first : {true, false}) {
    VirtualLoop loop;
    OneShot<Text> shot(loop);
    Log log;
    Scope scope(loop);
    auto set = [&] { loop.call_at(Instant{} + seconds(1), [&] { EXPECT_TRUE(shot.set(text("x"))); }); };
    if (value_first) set();
    scope.spawn(waits_for(shot, seconds(1), log));
    loop.step();
    if (!value_first) set();
    loop.run_until_idle();
    EXPECT_EQ(log, (Log{value_first ? "x" : "nothing"}));
    EXPECT_TRUE(shot.is_set());
  }
}

TEST(OneShot, AFlowIsDestroyedWhileItWaits) {
  VirtualLoop loop;
  OneShot<Text> shot(loop);
  Log log;
  Scope scope(loop);
  scope.cancel(scope.spawn(waits_for(shot, seconds(1), log)));
  FlowId flow = scope.spawn(waits_for(shot, seconds(1), log));
  loop.step();
  scope.cancel(flow);
  EXPECT_FALSE(loop.step());
  EXPECT_TRUE(shot.set(text("x")));
  EXPECT_FALSE(loop.step());
}

TEST(OneShot, TheValueStaysWhenItsFlowIsDestroyedBeforeItGoesOn) {
  VirtualLoop loop;
  OneShot<Text> shot(loop);
  Log log;
  Scope scope(loop);
  FlowId flow = scope.spawn(waits(shot, log));
  loop.step();
  shot.set(text("x"));
  scope.cancel(flow);
  EXPECT_FALSE(loop.step());
  scope.spawn(waits(shot, log));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"x"}));
}

TEST(OneShotDeathTest, HasOneWaiter) {
  VirtualLoop loop;
  OneShot<Text> shot(loop);
  Log log;
  Scope scope(loop);
  scope.spawn(waits(shot, log));
  scope.spawn(waits(shot, log));
  EXPECT_DEATH(loop.run_until_idle(), "a second flow waits for a value that one can take");
}

TEST(OneShotDeathTest, GivesItsValueOnce) {
  VirtualLoop loop;
  OneShot<Text> shot(loop);
  Log log;
  Scope scope(loop);
  shot.set(text("x"));
  scope.spawn(waits(shot, log));
  scope.spawn(waits(shot, log));
  EXPECT_DEATH(loop.run_until_idle(), "a flow waits for a value that was taken");
}

}  // namespace
}  // namespace kilonova
