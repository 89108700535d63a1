// Flows that use every primitive are killed at random steps: no frame, value, permit or lock may be lost.
#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "runtime/node_loop.h"
#include "runtime/virtual_loop.h"
#include "tests/unit/runtime/random_flows.h"

namespace kilonova {
namespace {

constexpr uint64_t kSeeds = 300;

void expect_nothing_lost(const RandomWorld& world, uint64_t seed) {
  EXPECT_EQ(world.semaphore.available(), 3u) << "seed " << seed;
  EXPECT_EQ(world.lock.size(), 0u) << "seed " << seed;
  EXPECT_EQ(world.calls.size(), 0u) << "seed " << seed;
  EXPECT_EQ(world.in_semaphore, 0) << "seed " << seed;
  for (int count : world.in_lock) EXPECT_EQ(count, 0) << "seed " << seed;
}

// Two scopes share the primitives; one is destroyed at a random step, the other must be able to finish.
TEST(FlowKill, ADestroyedScopeLosesNothingThatOthersWaitFor) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Random random(seed, "test", "kill");
    VirtualLoop loop;
    RandomWorld world(loop, seed);
    std::optional<Scope> victim(loop);
    Scope survivor(loop);
    for (int i = 0; i < 12; ++i) {
      spawn_random_flow(world, *victim, 2);
      spawn_random_flow(world, survivor, 2);
    }
    for (uint64_t steps = random.below(150); steps > 0; --steps) loop.step();
    victim.reset();
    // Whoever waits for the event or for an answer gets it in the end; the locks and permits must come by themselves.
    for (int round = 0; round < 1000 && survivor.size() > 0; ++round) {
      world.event.set();
      loop.run_until(loop.now() + Duration{10});
    }
    EXPECT_EQ(survivor.size(), 0u) << "seed " << seed;
    loop.run_until_idle();
    EXPECT_EQ(world.alive, 0) << "seed " << seed;
    expect_nothing_lost(world, seed);
  }
}

// Everything dies at a random step, what is queued in the loop included.
TEST(FlowKill, ADestroyedNodeLeaksNothing) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Random random(seed, "test", "kill");
    VirtualLoop loop;
    auto node = std::make_unique<NodeLoop>(loop);
    {
      auto world = std::make_unique<RandomWorld>(*node, seed);
      {
        Scope scope(*node);
        for (int i = 0; i < 15; ++i) spawn_random_flow(*world, scope, 2);
        for (uint64_t steps = random.below(250); steps > 0; --steps) loop.step();
      }
      expect_nothing_lost(*world, seed);
      // Answers on their way are callbacks of the node, the only values left.
      node.reset();
      EXPECT_EQ(world->alive, 0) << "seed " << seed;
    }
    EXPECT_FALSE(loop.step()) << "seed " << seed;
  }
}

// Flow after flow is cancelled from outside, between any two steps.
TEST(FlowKill, CancelledFlowsLoseNothing) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Random random(seed, "test", "kill");
    VirtualLoop loop;
    RandomWorld world(loop, seed);
    Scope scope(loop);
    for (int i = 0; i < 20; ++i) spawn_random_flow(world, scope, 2);
    for (int round = 0; round < 100'000 && scope.size() > 0; ++round) {
      for (uint64_t steps = random.below(4); steps > 0; --steps) loop.step();
      scope.cancel(1 + random.below(world.flow_ids.size()));
    }
    EXPECT_EQ(scope.size(), 0u) << "seed " << seed;
    loop.run_until_idle();
    EXPECT_EQ(world.alive, 0) << "seed " << seed;
    expect_nothing_lost(world, seed);
  }
}

}  // namespace
}  // namespace kilonova
