// One process of a simulated cloud: born, killed and born again. What outlives it (images, disks) is in its subclass;
// what dies with it is in a Life.
#pragma once

#include <memory>
#include <string>

#include "base/ids.h"
#include "base/random.h"
#include "runtime/node_loop.h"
#include "sim/sim_log.h"
#include "sim/network/sim_network.h"
#include "sim/network/sim_transport.h"

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
  bool alive() const { return life_ != nullptr; }
  void start();
  // Its memory is gone, and with it every flow, timer and queued message. Not from the node's own callbacks.
  void kill() { life_.reset(); }
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
  template <class T>
  T& life_as() const {
    return static_cast<T&>(*life_);
  }

  World world_;
  PeerId id_;

 private:
  uint64_t lives_ = 0;
  std::unique_ptr<Life> life_;
};

}  // namespace kilonova::sim
