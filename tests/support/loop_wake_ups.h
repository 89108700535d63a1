// What holds of a RealLoop whatever it waits with.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "runtime/real_loop.h"

namespace kilonova::testing {

// One post at a time, so that the loop falls asleep between them: a lost wake-up would hang the test.
inline void expect_every_post_wakes(RealLoop& loop) {
  constexpr int kRounds = 5'000;
  std::atomic<int> done = 0;
  std::thread other([&] {
    for (int i = 1; i <= kRounds; ++i) {
      loop.post_from_any_thread([&] {
        ++done;
        done.notify_one();
      });
      for (int seen = done; seen < i; seen = done) done.wait(seen);
    }
    loop.stop();
  });
  loop.run();
  other.join();
  EXPECT_EQ(done, kRounds);
}

}  // namespace kilonova::testing
