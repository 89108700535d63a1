#include "runtime/real_loop.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/scope.h"
#include "runtime/sync.h"
#include "tests/support/loop_wake_ups.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

TEST(RealLoop, RunsReadyThenDrains) {
  RealLoop loop;
  Log log;
  loop.at_drain([&] {
    log.push_back("drain");
    loop.stop();
  });
  loop.post([&] {
    log.push_back("first");
    loop.post([&] { log.push_back("third"); });
  });
  loop.post([&] { log.push_back("second"); });
  loop.run();
  EXPECT_EQ(log, (Log{"first", "second", "third", "drain"}));
}

// Waits for the clock alone, and knows how long it did.
class TimedSource final : public EventSource {
 public:
  void poll() override {}
  void wait(std::optional<Instant> until) override {
    const auto begin = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    wakeup_.wait_until(lock, std::chrono::steady_clock::time_point(std::chrono::microseconds(until->us)));
    waited += std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count();
  }
  void wake() override { wakeup_.notify_one(); }

  int64_t waited = 0;

 private:
  std::mutex mutex_;
  std::condition_variable wakeup_;
};

TEST(RealLoop, CountsItsTurnsWithoutItsWaits) {
  TimedSource source;
  RealLoop loop(source);
  constexpr int64_t kBusy = 2'000;
  loop.post([&] {
    for (const Instant begin = loop.now(); (loop.now() - begin).us < kBusy;) {
    }
    loop.call_after(milliseconds(20), [&] { loop.stop(); });
  });
  const Instant begin = loop.now();
  loop.run();
  const int64_t all = (loop.now() - begin).us;
  ASSERT_GT(source.waited, 0);
  EXPECT_GE(loop.turns().count(), 2u);
  EXPECT_GE(loop.turns().sum(), kBusy);
  EXPECT_LE(loop.turns().sum() + source.waited, all + 1) << "a microsecond, as each is rounded";
}

TEST(RealLoop, StopBeforeRunIsNotLost) {
  RealLoop loop;
  bool ran = false;
  loop.post([&] { ran = true; });
  loop.stop();
  loop.run();
  EXPECT_FALSE(ran);
  loop.post([&] { loop.stop(); });
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(RealLoop, TimersFireInOrderAndNotEarly) {
  RealLoop loop;
  Log log;
  Instant start = loop.now();
  loop.call_at(start + milliseconds(20), [&] {
    EXPECT_GE(loop.now(), start + milliseconds(20));
    log.push_back("second");
  });
  loop.call_at(start + milliseconds(20), [&] {
    log.push_back("third");
    loop.stop();
  });
  TimerId cancelled = loop.call_at(start + milliseconds(1), [&] { log.push_back("cancelled"); });
  loop.call_at(start + milliseconds(2), [&] { log.push_back("first"); });
  loop.cancel(cancelled);
  loop.run();
  EXPECT_EQ(log, (Log{"first", "second", "third"}));
}

TEST(RealLoop, ATimerThatNeverFiresIsNoHindrance) {
  RealLoop loop;
  bool fired = false;
  loop.call_at(Instant{INT64_MAX}, [&] { fired = true; });
  // From outside, so that the loop has to sleep with the far instant before it.
  std::thread other(
      [&] { loop.post_from_any_thread([&] { loop.call_after(milliseconds(2), [&] { loop.stop(); }); }); });
  loop.run();
  other.join();
  EXPECT_FALSE(fired);
}

TEST(RealLoop, ClocksAreTheMachines) {
  RealLoop loop;
  EXPECT_GT(loop.wall_now(), WallTime{1'700'000'000'000'000});
  Instant before = loop.now();
  EXPECT_GE(loop.now(), before);
}

// A flow that always yields must not keep timers and other threads waiting.
TEST(RealLoop, NothingStarvesBehindAFlowThatAlwaysYields) {
  RealLoop loop;
  bool timer_fired = false;
  {
    Scope scope(loop);
    auto busy = [](Loop& loop) -> Task<void> {
      for (;;) co_await yield(loop);
    };
    scope.spawn(busy(loop));
    loop.call_after(milliseconds(1), [&] { timer_fired = true; });
    std::thread other(
        [&] { loop.post_from_any_thread([&] { loop.call_after(milliseconds(1), [&] { loop.stop(); }); }); });
    loop.run();
    other.join();
  }
  EXPECT_TRUE(timer_fired);
}

// Always has events.
class FloodedSource final : public EventSource {
 public:
  void poll() override { ++polled; }
  void wait(std::optional<Instant>) override { ++waited; }
  void wake() override {}
  int polled = 0;
  int waited = 0;
};

TEST(RealLoop, EventsAndCallbacksDoNotStarveEachOther) {
  FloodedSource source;
  RealLoop loop(source);
  bool timer_fired = false;
  loop.call_after(milliseconds(1), [&] { timer_fired = true; });
  std::function<void()> busy = [&] {
    if (source.polled >= 3 && timer_fired)
      loop.stop();
    else
      loop.post([&] { busy(); });
  };
  busy();
  loop.run();
  EXPECT_EQ(source.waited, 0);  // there was always something to run
  loop.call_after(milliseconds(1), [&] { loop.stop(); });
  loop.run();  // the timer comes though the source always has events
  EXPECT_GT(source.waited, 0);
}

TEST(RealLoop, PostsOfSeveralThreadsAllArriveEachThreadsInOrder) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 20'000;
  RealLoop loop;
  std::vector<int> next(kThreads, 0);
  int arrived = 0;
  bool in_order = true;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kPosts; ++i) {
        loop.post_from_any_thread([&, thread, i] {
          in_order = in_order && next[thread]++ == i;
          if (++arrived == kThreads * kPosts) loop.stop();
        });
      }
    });
  }
  loop.run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(in_order);
  EXPECT_EQ(arrived, kThreads * kPosts);
}

TEST(RealLoop, EveryPostWakesASleepingLoop) {
  RealLoop loop;
  testing::expect_every_post_wakes(loop);
}

Task<void> asks(Loop& loop, PendingCalls<int>& calls, std::vector<uint64_t>& to_answer, int rounds, int& answered) {
  for (int i = 0; i < rounds; ++i) {
    auto call = calls.open();
    to_answer.push_back(call.id());
    std::optional<int> answer = co_await call.wait_for(seconds(60));
    if (answer) ++answered;
    co_await yield(loop);
  }
}

// Worker threads answer operation ids; some of the flows are gone by then.
TEST(RealLoop, AnswersFromOtherThreadsFindTheirFlowsOrNobody) {
  constexpr int kRounds = 200;
  constexpr int kFlows = 20;
  RealLoop loop;
  PendingCalls<int> calls(loop);
  int answered = 0;
  std::vector<uint64_t> to_answer;
  std::vector<std::thread> workers;
  {
    Scope scope(loop);
    for (int i = 0; i < kFlows; ++i) scope.spawn(asks(loop, calls, to_answer, kRounds, answered));
    struct Answers {
      static Task<void> serve(RealLoop& loop, Scope& scope, PendingCalls<int>& calls, std::vector<uint64_t>& ids,
                              std::vector<std::thread>& workers) {
        for (FlowId victim = 1; scope.size() > 1;) {
          std::vector<uint64_t> batch = std::exchange(ids, {});
          if (!batch.empty()) {
            workers.emplace_back([&loop, &calls, batch] {
              for (uint64_t id : batch) loop.post_from_any_thread([&calls, id] { calls.complete(id, 1); });
            });
          }
          if (victim <= kFlows / 2) scope.cancel(victim++);
          co_await sleep_for(loop, Duration{50});
        }
        loop.stop();
      }
    };
    scope.spawn(Answers::serve(loop, scope, calls, to_answer, workers));
    loop.run();
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_GE(answered, kFlows / 2 * kRounds);
  EXPECT_EQ(calls.size(), 0u);
}

TEST(RealLoop, DestroysWhatIsStillQueued) {
  int alive = 0;
  {
    RealLoop loop;
    loop.post([probe = Alive(alive)] {});
    loop.at_drain([probe = Alive(alive)] {});
    loop.call_after(seconds(1), [probe = Alive(alive)] {});
    loop.post_from_any_thread([probe = Alive(alive)] {});
    struct Nagger {
      ~Nagger() {
        loop.post_from_any_thread([probe = Alive(alive)] {});
      }
      RealLoop& loop;
      int& alive;
    };
    loop.post([nagger = std::make_unique<Nagger>(loop, alive)] {});
    EXPECT_EQ(alive, 4);
  }
  EXPECT_EQ(alive, 0);
}

TEST(RealLoopDeathTest, ARunningLoopIsNotUsedFromAnotherThread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        RealLoop loop;
        loop.post([&] { std::thread([&] { loop.post([] {}); }).join(); });
        loop.run();
      },
      "a running loop was used from another thread");
}

}  // namespace
}  // namespace kilonova
