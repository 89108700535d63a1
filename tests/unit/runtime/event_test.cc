#include "runtime/event.h"

#include <gtest/gtest.h>

#include "runtime/scope.h"
#include "runtime/virtual_loop.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

Task<void> waits(Event& event, Log& log, std::string name) {
  co_await event.wait();
  log.push_back(name);
}

TEST(Event, WakesAllInTheOrderTheyCameThroughTheLoop) {
  VirtualLoop loop;
  Event event(loop);
  Log log;
  Scope scope(loop);
  for (std::string name : {"a", "b", "c"}) scope.spawn(waits(event, log, name));
  loop.run_until_idle();
  EXPECT_TRUE(log.empty());
  event.set();
  EXPECT_TRUE(log.empty());
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a", "b", "c"}));
}

TEST(Event, IsALevel) {
  VirtualLoop loop;
  Event event(loop);
  Log log;
  Scope scope(loop);
  event.set();
  EXPECT_TRUE(event.is_set());
  scope.spawn(waits(event, log, "a"));
  loop.step();
  EXPECT_EQ(log, (Log{"a"}));
  event.clear();
  EXPECT_FALSE(event.is_set());
  scope.spawn(waits(event, log, "b"));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a"}));
}

TEST(Event, WhoWasWokenGoesOnThoughItWasCleared) {
  VirtualLoop loop;
  Event event(loop);
  Log log;
  Scope scope(loop);
  scope.spawn(waits(event, log, "a"));
  loop.run_until_idle();
  event.set();
  event.clear();
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"a"}));
}

TEST(Event, FlowsAreDestroyedWhileWaitingAndWithTheirWakeUpQueued) {
  VirtualLoop loop;
  Event event(loop);
  Log log;
  Scope scope(loop);
  FlowId a = scope.spawn(waits(event, log, "a"));
  FlowId b = scope.spawn(waits(event, log, "b"));
  scope.spawn(waits(event, log, "c"));
  loop.run_until_idle();
  scope.cancel(a);
  event.set();
  scope.cancel(b);
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"c"}));
}

TEST(EventDeathTest, MustOutliveWhoWaits) {
  VirtualLoop loop;
  Log log;
  Scope scope(loop);
  EXPECT_DEATH(
      {
        Event event(loop);
        scope.spawn(waits(event, log, "a"));
        loop.run_until_idle();
      },
      "an event died before the flows that wait for it");
}

}  // namespace
}  // namespace kilonova
