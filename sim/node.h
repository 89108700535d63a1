// One daemon of a simulated cloud: its process is born, killed and born again. What outlives it (images, disks) is in
// its subclass; what dies with it is in a Life. A process can be frozen, be succeeded by another one with files of its
// own, and thaw: then the identity has two (docs/protocol.md, "One identity, one process").
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/ids.h"
#include "base/random.h"
#include "runtime/node_loop.h"
#include "sim/network/sim_network.h"
#include "sim/network/sim_transport.h"
#include "sim/sim_log.h"

namespace kilonova::sim {

// What all nodes of a world share.
struct World {
  VirtualLoop& loop;
  SimNetwork& network;
  History& history;
  uint64_t seed;
  Duration wall_skew;  // of the node's wall clock against the world's
};

class Node {
 public:
  Node(World world, PeerId id) : world_(world), id_(id) {}
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  PeerId id() const { return id_; }
  // The newest process runs.
  bool alive() const { return life_ != nullptr; }
  // Of the newest process; nullptr when none runs.
  SimTransport* transport() const { return life_ ? &life_->transport : nullptr; }
  // The successor of a frozen process, if there is one: it has the files, and that one what it read of them.
  void start();
  // Told when a process ends because the controller has said that it was replaced; another one is started soon, as by a
  // supervisor, if it was the newest.
  void observe_replaced(std::function<void(PeerId)> observer) { observer_ = std::move(observer); }
  // Its memory is gone, and with it every flow, timer and queued message. Not from the node's own callbacks.
  void kill() { life_.reset(); }
  // Nothing of the living process runs any more, and its connections break. Of an earlier one that was replaced nothing
  // is left.
  void freeze();
  bool frozen() const { return frozen_ != nullptr; }
  // It goes on: alone, or beside its successor.
  void thaw();
  // A process that was replaced is stopped, as its own log says that it should be.
  void stop_replaced() { replaced_.reset(); }
  // Of all its processes nothing is left.
  void end();
  // Its wall clock, against the world's. Survives a restart, as a wrong clock does.
  void set_wall_skew(Duration skew);

 protected:
  // Loop first, so that it goes last.
  struct Life {
    Life(World& world, PeerId id, Incarnation incarnation);
    virtual ~Life() = default;

    // A stream of randomness of its own for each purpose and each life.
    Random random(std::string_view purpose) const;

    NodeLoop loop;
    SimLog log;
    SimTransport transport;
    uint64_t seed;
  };

  // Makes the core on top of its stores and opens the transport.
  virtual std::unique_ptr<Life> be_born(Incarnation incarnation) = 0;
  // What is on disk is copied, for a process that is about to succeed a frozen one; that one keeps the original, which
  // nobody watches any more.
  virtual void part_files() {}
  // The frozen process goes on, and has had no successor: what happened meanwhile reaches it now.
  virtual void wake_up(Life&) {}
  template <class T>
  T& life_as() const {
    return static_cast<T&>(*life_);
  }

  World world_;
  PeerId id_;

 private:
  void end_replaced(Incarnation incarnation);

  std::function<void(PeerId)> observer_;
  uint64_t lives_ = 0;
  std::unique_ptr<Life> life_;
  std::unique_ptr<Life> frozen_;
  std::unique_ptr<Life> replaced_;  // it runs, and has a successor
  bool parted_ = false;             // the frozen one has had a successor
};

}  // namespace kilonova::sim
