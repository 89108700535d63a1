#include "runtime/sleep.h"

#include <gtest/gtest.h>

#include "runtime/scope.h"
#include "runtime/virtual_loop.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

Task<void> naps(Loop& loop, Log& log, std::string name, Duration delay) {
  co_await sleep_for(loop, delay);
  log.push_back(name + " at " + std::to_string(loop.now().us));
}

TEST(Sleep, LetsTheTimePass) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  scope.spawn(naps(loop, log, "long", milliseconds(3)));
  scope.spawn(naps(loop, log, "short", milliseconds(2)));
  scope.spawn(naps(loop, log, "long too", milliseconds(3)));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"short at 2000", "long at 3000", "long too at 3000"}));
}

TEST(Sleep, OfNothingOrLessLetsWhatIsReadyRunFirst) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  scope.spawn(naps(loop, log, "none", Duration{}));
  scope.spawn(naps(loop, log, "less", seconds(-1)));
  loop.post([&] { log.push_back("posted"); });
  loop.run_until_idle();
  EXPECT_EQ(log.front(), "posted");
  EXPECT_EQ(log.size(), 3u);
  EXPECT_EQ(loop.now(), Instant{});
}

TEST(Sleep, ADestroyedSleeperLeavesNoTimer) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  FlowId flow = scope.spawn(naps(loop, log, "never", seconds(1)));
  loop.step();
  scope.cancel(flow);
  EXPECT_FALSE(loop.step());
}

// Its timer is due and queued when another flow of the same instant cancels the sleeper.
TEST(Sleep, ASleeperIsDestroyedWithItsWakeUpQueued) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  FlowId flow = 0;
  loop.call_after(seconds(1), [&] { scope.cancel(flow); });
  flow = scope.spawn(naps(loop, log, "never", seconds(1)));
  loop.run_until_idle();
  EXPECT_TRUE(log.empty());
}

Task<void> yields(Loop& loop, Log& log) {
  log.push_back("before");
  co_await yield(loop);
  log.push_back("after");
}

TEST(Yield, GoesOnAfterWhatIsReady) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  scope.spawn(yields(loop, log));
  loop.post([&] { log.push_back("posted"); });
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"before", "posted", "after"}));
}

}  // namespace
}  // namespace kilonova
