// The same program on the same seed gives the same transcript, on the virtual loop itself and on nodes over it.
#include <gtest/gtest.h>

#include <memory>

#include "runtime/node_loop.h"
#include "runtime/virtual_loop.h"
#include "tests/unit/runtime/random_flows.h"

namespace kilonova {
namespace {

constexpr Instant kEnd{200};

Log run_on_one_loop(uint64_t seed) {
  VirtualLoop loop;
  RandomWorld world(loop, seed);
  Scope scope(loop);
  for (int i = 0; i < 20; ++i) spawn_random_flow(world, scope, 2);
  loop.run_until(kEnd);
  return world.transcript;
}

Log run_on_two_nodes(uint64_t seed) {
  VirtualLoop loop;
  Log transcript;
  struct Node {
    Node(VirtualLoop& loop, uint64_t seed) : node(loop), world(node, seed), scope(node) {
      for (int i = 0; i < 10; ++i) spawn_random_flow(world, scope, 2);
    }
    NodeLoop node;
    RandomWorld world;
    Scope scope;
  };
  Node first(loop, seed);
  auto second = std::make_unique<Node>(loop, seed + 1000);
  loop.run_until(Instant{5});
  transcript = second->world.transcript;
  second.reset();
  loop.run_until(kEnd);
  transcript.insert(transcript.end(), first.world.transcript.begin(), first.world.transcript.end());
  return transcript;
}

TEST(Transcript, IsTheSameForTheSameSeed) {
  size_t lines = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Log once = run_on_one_loop(seed);
    EXPECT_EQ(once, run_on_one_loop(seed)) << "seed " << seed;
    lines += once.size();
  }
  EXPECT_GT(lines, 2000u);
}

TEST(Transcript, IsTheSameForTheSameSeedOnNodes) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Log once = run_on_two_nodes(seed);
    EXPECT_EQ(once, run_on_two_nodes(seed)) << "seed " << seed;
    EXPECT_FALSE(once.empty());
  }
}

TEST(Transcript, DiffersBetweenSeeds) { EXPECT_NE(run_on_one_loop(1), run_on_one_loop(2)); }

// A node sees the same order and times as if it had the loop to itself.
TEST(Transcript, OfANodeAloneIsThatOfALoop) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    VirtualLoop loop;
    NodeLoop node(loop);
    RandomWorld world(node, seed);
    Scope scope(node);
    for (int i = 0; i < 20; ++i) spawn_random_flow(world, scope, 2);
    loop.run_until(kEnd);
    EXPECT_EQ(world.transcript, run_on_one_loop(seed)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace kilonova
