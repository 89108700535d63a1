#include "runtime/node_loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "runtime/scope.h"
#include "runtime/sync.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

TEST(NodeLoop, NodesInterleaveOneCallbackAtATime) {
  VirtualLoop world;
  NodeLoop a(world);
  NodeLoop b(world);
  Log log;
  for (int i = 1; i <= 3; ++i) {
    a.post([&log, i] { log.push_back("a" + std::to_string(i)); });
    b.post([&log, i] { log.push_back("b" + std::to_string(i)); });
  }
  world.run_until_idle();
  EXPECT_EQ(log, (Log{"a1", "b1", "a2", "b2", "a3", "b3"}));
}

TEST(NodeLoop, DrainsWhenItsOwnQueueIsEmpty) {
  VirtualLoop world;
  NodeLoop a(world);
  NodeLoop b(world);
  Log log;
  a.at_drain([&] { log.push_back("a drains"); });
  a.post([&] { log.push_back("a1"); });
  for (int i = 1; i <= 4; ++i) b.post([&log, i] { log.push_back("b" + std::to_string(i)); });
  world.run_until_idle();
  EXPECT_EQ(log, (Log{"a1", "b1", "a drains", "b2", "b3", "b4"}));
}

// As a process that is stopped: what came meanwhile, and what fell due, happens when it goes on.
TEST(NodeLoop, APausedNodeRunsNothing) {
  VirtualLoop world;
  NodeLoop node(world);
  Log log;
  node.pause();
  node.post([&] { log.push_back("posted"); });
  node.call_after(seconds(1), [&] { log.push_back("due"); });
  world.run_until(world.now() + seconds(5));
  EXPECT_EQ(log, Log{});
  node.resume();
  world.run_until_idle();
  EXPECT_EQ(log, (Log{"posted", "due"}));
}

TEST(NodeLoop, TimersFireInOrderAndCancel) {
  VirtualLoop world;
  NodeLoop node(world);
  Log log;
  node.call_after(seconds(2), [&] { log.push_back("two"); });
  TimerId first = node.call_after(seconds(1), [&] { log.push_back("one"); });
  node.call_after(seconds(2), [&] { log.push_back("two again"); });
  node.cancel(first);
  world.run_until_idle();
  EXPECT_EQ(log, (Log{"two", "two again"}));
  EXPECT_EQ(node.now(), Instant{} + seconds(2));
}

TEST(NodeLoop, ACancelledTimerDoesNotMoveTheWorldsTime) {
  VirtualLoop world;
  NodeLoop node(world);
  node.cancel(node.call_after(seconds(60), [] {}));
  world.run_until_idle();
  EXPECT_EQ(world.now(), Instant{});
}

TEST(NodeLoop, HasItsOwnWallClock) {
  VirtualLoop world;
  NodeLoop node(world);
  node.set_wall_skew(seconds(-3));
  EXPECT_EQ(world.wall_now() - node.wall_now(), seconds(3));
  EXPECT_EQ(world.now(), node.now());
  node.set_wall_skew(seconds(5));
  EXPECT_EQ(node.wall_now() - world.wall_now(), seconds(5));
}

TEST(NodeLoop, NothingItHadQueuedRunsAfterItsDeath) {
  VirtualLoop world;
  int alive = 0;
  int ran = 0;
  auto node = std::make_unique<NodeLoop>(world);
  for (int i = 0; i < 3; ++i) {
    node->post([&ran, probe = Alive(alive)] { ++ran; });
    node->at_drain([&ran, probe = Alive(alive)] { ++ran; });
    node->call_after(seconds(i), [&ran, probe = Alive(alive)] { ++ran; });
  }
  world.step();
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(alive, 8);
  node.reset();
  EXPECT_EQ(alive, 0);
  world.run_until_idle();
  EXPECT_EQ(ran, 1);
}

// The world's timer for the node is due and queued in the world when another callback of that instant kills the node.
TEST(NodeLoop, DiesAtTheVeryInstantItsTimerIsDue) {
  VirtualLoop world;
  std::optional<NodeLoop> node(world);
  bool fired = false;
  world.call_at(Instant{1}, [&] { node.reset(); });
  node->call_at(Instant{1}, [&] { fired = true; });
  world.run_until_idle();
  EXPECT_FALSE(fired);
}

Task<void> beat(Loop& loop, int& beats) {
  for (;;) {
    ++beats;
    co_await sleep_for(loop, seconds(10));
  }
}

TEST(NodeLoop, ADaemonDiesWithItsScopeAndStartsAnew) {
  VirtualLoop world;
  struct Daemon {
    explicit Daemon(VirtualLoop& world, int& beats) : loop(world), scope(loop) { scope.spawn(beat(loop, beats)); }
    NodeLoop loop;
    Scope scope;
  };
  int beats = 0;
  auto daemon = std::make_unique<Daemon>(world, beats);
  world.run_until(Instant{} + seconds(35));
  EXPECT_EQ(beats, 4);
  daemon.reset();
  world.run_until(Instant{} + seconds(100));
  EXPECT_EQ(beats, 4);
  daemon = std::make_unique<Daemon>(world, beats);
  world.run_until(Instant{} + seconds(119));
  EXPECT_EQ(beats, 6);
}

TEST(NodeLoopDeathTest, MustNotDieByItsOwnCallback) {
  VirtualLoop world;
  auto node = std::make_unique<NodeLoop>(world);
  node->post([&] { node.reset(); });
  EXPECT_DEATH(world.run_until_idle(), "post its death to the world's loop");
}

}  // namespace
}  // namespace kilonova
