// The network-controller of a simulated cloud, and its disk.
#pragma once

#include <memory>

#include "network-controller/core/network_core.h"
#include "sim/lying_store.h"
#include "sim/node.h"
#include "store/memory_network_store.h"

namespace kilonova::sim {

class NetworkNode final : public Node {
 public:
  NetworkNode(World world, network::NetworkOptions options);

  // nullptr while it is dead.
  const network::NetworkCore* core() const;
  MemoryDisk& disk() { return disk_; }
  MemoryNetworkImage& image() { return image_; }
  // A planted bug, from its next start on.
  void set_lie(NetworkStoreLie lie) { lie_ = std::move(lie); }

 private:
  struct NetworkLife : Life {
    NetworkLife(World& world, PeerId id, Incarnation incarnation, NetworkNode& node);

    MemoryNetworkStore store;
    LyingNetworkStore lying;
    network::NetworkCore core;
  };

  std::unique_ptr<Life> be_born(Incarnation incarnation) override;

  network::NetworkOptions options_;
  MemoryNetworkImage image_;
  MemoryDisk disk_;
  NetworkStoreLie lie_;
};

}  // namespace kilonova::sim
