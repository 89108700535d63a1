// A RealLoop that waits in gRPC's completion queue keeps the promises of one that does not.
#include "rpc/loop/grpc_queue.h"

#include <grpcpp/alarm.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <vector>

#include "runtime/real_loop.h"
#include "tests/support/loop_wake_ups.h"

namespace kilonova::rpc {
namespace {

class CallFunction final : public Completion {
 public:
  explicit CallFunction(std::function<void(bool)> function) : function_(std::move(function)) {}
  void complete(bool ok) override { function_(ok); }

 private:
  std::function<void(bool)> function_;
};

TEST(GrpcQueue, EveryPostWakesASleepingLoop) {
  GrpcQueue queue;
  RealLoop loop(queue);
  testing::expect_every_post_wakes(loop);
}

TEST(GrpcQueue, PostsOfSeveralThreadsAllArrive) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 5'000;
  GrpcQueue queue;
  RealLoop loop(queue);
  int arrived = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < kPosts; ++i) {
        loop.post_from_any_thread([&] {
          if (++arrived == kThreads * kPosts) loop.stop();
        });
        if (i % 100 == 0) std::this_thread::yield();
      }
    });
  }
  loop.run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(arrived, kThreads * kPosts);
}

TEST(GrpcQueue, TimersFireInOrderAndNotEarly) {
  GrpcQueue queue;
  RealLoop loop(queue);
  std::vector<int> fired;
  Instant start = loop.now();
  loop.call_at(start + milliseconds(20), [&] {
    EXPECT_GE(loop.now(), start + milliseconds(20));
    fired.push_back(2);
    loop.stop();
  });
  loop.call_at(start + microseconds(1'500), [&] {
    EXPECT_GE(loop.now(), start + microseconds(1'500));
    fired.push_back(1);
  });
  loop.call_at(Instant{INT64_MAX}, [&] { fired.push_back(3); });
  loop.run();
  EXPECT_EQ(fired, (std::vector<int>{1, 2}));
}

// Events that are always ready starve neither callbacks nor timers nor other threads, and are not starved by them.
TEST(GrpcQueue, NothingStarves) {
  GrpcQueue queue;
  RealLoop loop(queue);
  grpc::Alarm alarm;
  int events = 0;
  bool ending = false;
  CallFunction event([&](bool) {
    ++events;
    if (!ending) alarm.Set(&queue.queue(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &event);
  });
  alarm.Set(&queue.queue(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &event);
  int callbacks = 0;
  std::function<void()> busy = [&] {
    ++callbacks;
    if (!ending) loop.post([&] { busy(); });
  };
  busy();
  std::thread other([&] {
    loop.post_from_any_thread([&] {
      loop.call_after(milliseconds(5), [&] {
        ending = true;
        loop.stop();
      });
    });
  });
  loop.run();
  other.join();
  EXPECT_GT(events, 0);
  EXPECT_GT(callbacks, 1);
}

TEST(GrpcQueue, IsDestroyedWithAWakeUpUnderWay) {
  for (int i = 0; i < 100; ++i) {
    GrpcQueue queue;
    queue.wake();
    queue.wake();
    if (i % 2 == 0) queue.poll();
  }
}

}  // namespace
}  // namespace kilonova::rpc
