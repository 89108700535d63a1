// NodeLoop: the loop of one simulated node over a world's VirtualLoop. Steady time is the world's; the wall clock is
// the node's own. Destroying it kills the node: nothing it had posted or set ever runs. Same thread as the world.
#pragma once

#include "runtime/loop.h"
#include "runtime/run_queue.h"
#include "runtime/timer_queue.h"
#include "runtime/virtual_loop.h"

namespace kilonova {

// Its callbacks interleave with those of other nodes one by one; each is one step of the world. Its drain callbacks
// run when nothing is ready on this node, whatever other nodes have to do.
class NodeLoop final : public Loop {
 public:
  // The world must outlive the node.
  explicit NodeLoop(VirtualLoop& world) : world_(world), turn_(*this) {}
  // What lives on the loop (scopes, locks) must be gone. Not from a callback of this very loop: a node that is to die
  // by its own doing posts its death to the world's loop.
  ~NodeLoop() override;

  // How far the node's wall clock is ahead of the world's. Setting it anew is a jump.
  void set_wall_skew(Duration skew) { wall_skew_ = skew; }
  Duration wall_skew() const { return wall_skew_; }

  // As of a process that is stopped: what is posted and what falls due waits until resume().
  void pause() { paused_ = true; }
  void resume();

  Instant now() const override { return world_.now(); }
  WallTime wall_now() const override { return world_.wall_now() + wall_skew_; }
  void post(Callback callback) override;
  void wake(Wakeup& entry) override;
  void at_drain(Callback callback) override;
  TimerId call_at(Instant instant, Callback callback) override;
  void cancel(TimerId timer) override;

 private:
  // The node's place in the world's ready queue, taken while the node has something to run.
  class Turn final : public Wakeup {
   public:
    explicit Turn(NodeLoop& node) : node_(node) {}
    void run() override { node_.run_turn(); }

   private:
    NodeLoop& node_;
  };

  void run_turn();
  void ask_for_turn();
  void follow_timers();

  VirtualLoop& world_;
  RunQueue queue_;
  TimerQueue timers_;
  Turn turn_;
  TimerId world_timer_ = 0;  // fires at world_timer_instant_, the earliest of timers_
  Instant world_timer_instant_;
  Duration wall_skew_;
  bool running_ = false;
  bool paused_ = false;
};

}  // namespace kilonova
