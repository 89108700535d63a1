#include "runtime/timer_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/random.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

void run_all(RunQueue& ready) {
  while (ready.run_one()) continue;
}

TEST(TimerQueue, FiresByInstantThenInTheOrderSet) {
  RunQueue ready;
  TimerQueue timers;
  std::vector<int> fired;
  for (auto [instant, name] : std::vector<std::pair<int, int>>{{5, 0}, {3, 1}, {5, 2}, {1, 3}, {3, 4}, {5, 5}}) {
    timers.add(Instant{instant}, [&fired, name] { fired.push_back(name); });
  }
  EXPECT_EQ(timers.next(), Instant{1});
  timers.take_due(Instant{4}, ready);
  run_all(ready);
  EXPECT_EQ(fired, (std::vector<int>{3, 1, 4}));
  timers.take_due(Instant{5}, ready);
  run_all(ready);
  EXPECT_EQ(fired, (std::vector<int>{3, 1, 4, 0, 2, 5}));
  EXPECT_EQ(timers.next(), std::nullopt);
}

TEST(TimerQueue, ADueTimerCanStillBeCancelled) {
  RunQueue ready;
  TimerQueue timers;
  int alive = 0;
  bool fired = false;
  TimerId second = 0;
  timers.add(Instant{1}, [&] { timers.cancel(second); });
  second = timers.add(Instant{1}, [&fired, probe = Alive(alive)] { fired = true; });
  timers.take_due(Instant{1}, ready);
  run_all(ready);
  EXPECT_FALSE(fired);
  EXPECT_EQ(alive, 0);
}

TEST(TimerQueue, AnIdOfThePastCancelsNothing) {
  RunQueue ready;
  TimerQueue timers;
  int fired = 0;
  TimerId old = timers.add(Instant{1}, [&fired] { ++fired; });
  timers.take_due(Instant{1}, ready);
  run_all(ready);
  TimerId young = timers.add(Instant{2}, [&fired] { ++fired; });
  EXPECT_NE(old, young);
  timers.cancel(old);
  timers.cancel(0);
  timers.cancel(UINT64_MAX);
  timers.take_due(Instant{2}, ready);
  run_all(ready);
  EXPECT_EQ(fired, 2);
}

TEST(TimerQueue, ATimerMayCancelItselfWhileItRuns) {
  RunQueue ready;
  TimerQueue timers;
  TimerId self = 0;
  int fired = 0;
  self = timers.add(Instant{1}, [&] {
    timers.cancel(self);
    timers.add(Instant{2}, [&] { ++fired; });
    timers.cancel(self);
    ++fired;
  });
  timers.take_due(Instant{1}, ready);
  run_all(ready);
  timers.take_due(Instant{2}, ready);
  run_all(ready);
  EXPECT_EQ(fired, 2);
}

TEST(TimerQueue, CancellingDestroysTheCallbackAndSoDoesTheEnd) {
  int alive = 0;
  {
    TimerQueue timers;
    TimerId first = timers.add(Instant{1}, [probe = Alive(alive)] {});
    timers.add(Instant{2}, [probe = Alive(alive)] {});
    EXPECT_EQ(alive, 2);
    timers.cancel(first);
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

// Against a sorted list: any mix of setting, cancelling and firing.
TEST(TimerQueue, AgreesWithASortedListOnRandomPrograms) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    RunQueue ready;
    TimerQueue timers;
    struct Entry {
      int64_t instant;
      int name;
      TimerId id;
    };
    std::vector<Entry> expected;
    std::vector<int> fired;
    int64_t now = 0;
    for (int step = 0; step < 400; ++step) {
      uint64_t what = random.below(10);
      if (what < 6) {
        int64_t instant = now + static_cast<int64_t>(random.below(30));
        TimerId id = timers.add(Instant{instant}, [&fired, step] { fired.push_back(step); });
        auto after = std::upper_bound(expected.begin(), expected.end(), instant,
                                      [](int64_t value, const Entry& entry) { return value < entry.instant; });
        expected.insert(after, {instant, step, id});
      } else if (what < 8 && !expected.empty()) {
        auto victim = expected.begin() + static_cast<int64_t>(random.below(expected.size()));
        timers.cancel(victim->id);
        expected.erase(victim);
      } else {
        now += static_cast<int64_t>(random.below(10));
        std::vector<int> due;
        while (!expected.empty() && expected.front().instant <= now) {
          due.push_back(expected.front().name);
          expected.erase(expected.begin());
        }
        fired.clear();
        timers.take_due(Instant{now}, ready);
        run_all(ready);
        ASSERT_EQ(fired, due) << "seed " << seed << ", step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace kilonova
