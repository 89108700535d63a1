#include "runtime/virtual_loop.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

TEST(VirtualLoop, RunsReadyThenDrainsThenTimers) {
  VirtualLoop loop;
  Log log;
  loop.call_after(Duration{0}, [&] { log.push_back("timer"); });
  loop.at_drain([&] { log.push_back("drain"); });
  loop.post([&] {
    log.push_back("first");
    loop.post([&] { log.push_back("third"); });
  });
  loop.post([&] { log.push_back("second"); });
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"first", "second", "third", "drain", "timer"}));
}

TEST(VirtualLoop, WhatADrainPostsRunsBeforeTheNextDrain) {
  VirtualLoop loop;
  Log log;
  loop.at_drain([&] {
    log.push_back("drain 1");
    loop.post([&] { log.push_back("posted"); });
  });
  loop.at_drain([&] { log.push_back("drain 2"); });
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"drain 1", "posted", "drain 2"}));
}

TEST(VirtualLoop, DrainsRunOnce) {
  VirtualLoop loop;
  int drains = 0;
  loop.at_drain([&] { ++drains; });
  loop.call_after(seconds(1), [] {});
  loop.run_until_idle();
  EXPECT_EQ(drains, 1);
}

TEST(VirtualLoop, TimeJumpsToTheNextTimer) {
  VirtualLoop loop;
  std::vector<int64_t> seen;
  loop.call_after(seconds(3600), [&] { seen.push_back(loop.now().us); });
  loop.call_after(seconds(1), [&] {
    seen.push_back(loop.now().us);
    loop.call_after(seconds(1), [&] { seen.push_back(loop.now().us); });
  });
  loop.run_until_idle();
  EXPECT_EQ(seen, (std::vector<int64_t>{1'000'000, 2'000'000, 3'600'000'000}));
}

TEST(VirtualLoop, RunUntilTakesTheTimersOfThatInstantAndNoMore) {
  VirtualLoop loop;
  int fired = 0;
  loop.call_at(Instant{10}, [&] {
    ++fired;
    loop.call_at(Instant{10}, [&] { ++fired; });
    loop.call_at(Instant{5}, [&] { ++fired; });
  });
  loop.call_at(Instant{11}, [&] { ++fired; });
  loop.run_until(Instant{10});
  EXPECT_EQ(fired, 3);
  EXPECT_EQ(loop.now(), Instant{10});
  loop.run_until(Instant{7});
  EXPECT_EQ(loop.now(), Instant{10});
  loop.run_until(Instant{20});
  EXPECT_EQ(fired, 4);
  EXPECT_EQ(loop.now(), Instant{20});
}

TEST(VirtualLoop, StepRunsOneCallback) {
  VirtualLoop loop;
  int calls = 0;
  EXPECT_FALSE(loop.step());
  loop.post([&] { ++calls; });
  loop.post([&] { ++calls; });
  EXPECT_TRUE(loop.step());
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(loop.step());
  EXPECT_EQ(calls, 2);
  EXPECT_FALSE(loop.step());
}

TEST(VirtualLoop, TheWallClockJumpsAndTheSteadyOneDoesNot) {
  VirtualLoop loop;
  EXPECT_EQ(to_iso8601(loop.wall_now()), "2026-01-01T00:00:00.000000Z");
  loop.run_until(Instant{} + seconds(2));
  EXPECT_EQ(to_iso8601(loop.wall_now()), "2026-01-01T00:00:02.000000Z");
  loop.set_wall_offset(loop.wall_offset() - seconds(10));
  EXPECT_EQ(to_iso8601(loop.wall_now()), "2025-12-31T23:59:52.000000Z");
  EXPECT_EQ(loop.now(), Instant{} + seconds(2));
}

// Destroying a queued callback may use the loop again: a scope in it cancels timers, a message in it posts.
TEST(VirtualLoop, DestroysWhatIsQueuedEvenWhenThatQueuesMore) {
  int alive = 0;
  {
    VirtualLoop loop;
    struct Nagger {
      ~Nagger() {
        loop.post([probe = Alive(alive)] {});
        loop.at_drain([probe = Alive(alive)] {});
        loop.cancel(loop.call_after(seconds(1), [probe = Alive(alive)] {}));
        loop.call_after(seconds(1), [probe = Alive(alive)] {});
      }
      Loop& loop;
      int& alive;
    };
    loop.post([nagger = std::make_unique<Nagger>(loop, alive)] {});
    loop.at_drain([nagger = std::make_unique<Nagger>(loop, alive)] {});
    loop.call_after(seconds(1), [nagger = std::make_unique<Nagger>(loop, alive)] {});
    EXPECT_EQ(alive, 0);
  }
  EXPECT_EQ(alive, 0);
}

TEST(VirtualLoopDeathTest, MustNotBeRunByItsOwnCallback) {
  VirtualLoop loop;
  loop.post([&] { loop.run_until_idle(); });
  EXPECT_DEATH(loop.run_until_idle(), "a loop was run from one of its own callbacks");
}

}  // namespace
}  // namespace kilonova
