// The network-controller of a simulated cloud, and its disk.
#pragma once

#include <functional>
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
  // Becomes another one when a frozen process is succeeded.
  MemoryNetworkImage& image() { return *image_; }
  // Of whatever image it has, now and later.
  using Watcher = std::function<void(const NetworkTransaction&)>;
  void observe(Watcher committed);
  void observe_refusals(Watcher refused);
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
  void part_files() override;

  network::NetworkOptions options_;
  std::unique_ptr<MemoryNetworkImage> image_ = std::make_unique<MemoryNetworkImage>();
  std::unique_ptr<MemoryNetworkImage> image_left_;  // to a process that was replaced
  Watcher committed_;
  Watcher refused_;
  MemoryDisk disk_;
  NetworkStoreLie lie_;
};

}  // namespace kilonova::sim
