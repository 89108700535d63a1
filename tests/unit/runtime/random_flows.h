// A random program of flows that use every primitive together: for tests of determinism and of sudden death.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "runtime/scope.h"
#include "runtime/sync.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {

// What the flows share; it outlives their scope.
struct RandomWorld {
  RandomWorld(Loop& loop, uint64_t seed)
      : loop(loop), random(seed), lock(loop), semaphore(loop, 3), event(loop), calls(loop) {}

  void note(int flow, const char* what) {
    transcript.push_back(std::to_string(loop.now().us) + " flow " + std::to_string(flow) + " " + what);
  }

  Loop& loop;
  Random random;
  KeyedLock<int> lock;
  Semaphore semaphore;
  Event event;
  PendingCalls<Alive> calls;
  Log transcript;
  int alive = 0;                 // frames and values
  int in_semaphore = 0;          // flows that hold a permit
  int in_lock[4] = {};           // flows that hold each key
  std::vector<FlowId> flow_ids;  // by name
};

// Counts up while it lives.
class Inside {
 public:
  explicit Inside(int& count) : count_(count) { ++count_; }
  Inside(const Inside&) = delete;
  ~Inside() { --count_; }

 private:
  int& count_;
};

Task<void> random_flow(RandomWorld& world, Scope& scope, int name, int depth);

inline void spawn_random_flow(RandomWorld& world, Scope& scope, int depth) {
  int name = static_cast<int>(world.flow_ids.size());
  world.flow_ids.push_back(0);
  world.flow_ids.back() = scope.spawn(random_flow(world, scope, name, depth));
}

inline Task<void> lock_and_work(RandomWorld& world, int name) {
  int key = static_cast<int>(world.random.below(4));
  auto guard = co_await world.lock.acquire(key);
  Inside inside(world.in_lock[key]);
  KN_CHECK(world.in_lock[key] == 1, "two flows hold one key");
  world.note(name, "locked");
  co_await sleep_for(world.loop, Duration{static_cast<int64_t>(world.random.below(4))});
}

inline Task<void> take_a_permit(RandomWorld& world, int name) {
  auto permit = co_await world.semaphore.acquire();
  Inside inside(world.in_semaphore);
  KN_CHECK(world.in_semaphore <= 3, "more flows than permits");
  world.note(name, "permitted");
  co_await sleep_for(world.loop, Duration{static_cast<int64_t>(world.random.below(3))});
}

// The answer may come in time, late, at the very instant of the limit, or twice.
inline Task<void> call_outside(RandomWorld& world, int name) {
  auto call = world.calls.open();
  for (int i = 0; i < 2; ++i) {
    auto answer = [&world, id = call.id(), value = Alive(world.alive)]() mutable {
      world.calls.complete(id, std::move(value));
    };
    world.loop.call_after(Duration{static_cast<int64_t>(world.random.below(6))}, std::move(answer));
  }
  bool answered = (co_await call.wait_for(Duration{3})).has_value();
  world.note(name, answered ? "answered" : "unanswered");
}

inline Task<void> limit_time(RandomWorld& world, Scope& scope, int name, int depth) {
  Duration limit{static_cast<int64_t>(world.random.below(8))};
  bool finished = co_await with_timeout(world.loop, limit, random_flow(world, scope, name, depth - 1));
  world.note(name, finished ? "in time" : "given up");
}

inline Task<void> run_together(RandomWorld& world, Scope& scope, int name, int depth) {
  std::vector<Task<void>> tasks;
  for (uint64_t i = world.random.below(4); i > 0; --i) tasks.push_back(random_flow(world, scope, name, depth - 1));
  co_await when_all(world.loop, std::move(tasks));
  world.note(name, "joined");
}

inline void disturb_others(RandomWorld& world, Scope& scope, int name) {
  switch (world.random.below(4)) {
    case 0:
      world.event.set();
      break;
    case 1:
      world.event.clear();
      break;
    case 2:
      spawn_random_flow(world, scope, 1);
      break;
    case 3: {
      // Any flow but this one, which would abort.
      FlowId victim = 1 + world.random.below(world.flow_ids.size() + 1);
      if (victim != world.flow_ids[static_cast<size_t>(name)] && scope.cancel(victim))
        world.note(name, "cancelled one");
      break;
    }
  }
}

inline Task<void> random_flow(RandomWorld& world, Scope& scope, int name, int depth) {
  Alive alive(world.alive);
  for (uint64_t left = 1 + world.random.below(4); left > 0; --left) {
    switch (world.random.below(depth > 0 ? 8 : 6)) {
      case 0:
        co_await yield(world.loop);
        break;
      case 1:
        co_await lock_and_work(world, name);
        break;
      case 2:
        co_await take_a_permit(world, name);
        break;
      case 3:
        co_await call_outside(world, name);
        break;
      case 4:
        co_await world.event.wait();
        break;
      case 5:
        disturb_others(world, scope, name);
        break;
      case 6:
        co_await limit_time(world, scope, name, depth);
        break;
      case 7:
        co_await run_together(world, scope, name, depth);
        break;
    }
  }
  world.note(name, "done");
}

}  // namespace kilonova
