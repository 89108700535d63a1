// The controller of a simulated cloud, and its disk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "controller/core/controller_core.h"
#include "sim/lying_store.h"
#include "sim/node.h"
#include "store/memory_controller_store.h"

namespace kilonova::sim {

class ControllerNode final : public Node {
 public:
  ControllerNode(World world, controller::ControllerOptions options);

  // nullptr while it is dead, or still writing its first rows.
  const controller::ControllerCore* core() const;
  MemoryDisk& disk() { return disk_; }
  MemoryControllerImage& image() { return image_; }
  // Told when a life ends because a client resets the cloud.
  void observe_resets(std::function<void()> observer) { reset_begins_ = std::move(observer); }
  // Planted bugs, from its next start on.
  void set_bugs(StoreBugs bugs) { bugs_ = std::move(bugs); }

 private:
  struct ControllerLife : Life {
    ControllerLife(World& world, PeerId id, Incarnation incarnation, ControllerNode& node,
                   std::optional<controller::CloudReset> reset);
    ~ControllerLife() override;
    // The life's first flow.
    Task<> begin(ControllerNode* node, ControllerState state, std::optional<controller::CloudReset> reset);

    Random core_random;
    MemoryControllerStore store;
    LyingStore lying;
    std::optional<controller::ControllerCore> core;
    std::optional<Scope> beginning;
  };

  std::unique_ptr<Life> be_born(Incarnation incarnation) override;
  // The process goes on with another core; here, as another life.
  void begin_again(Incarnation incarnation, controller::CloudReset reset);

  controller::ControllerOptions options_;
  MemoryControllerImage image_;
  MemoryDisk disk_;
  StoreBugs bugs_;
  Incarnation newest_ = 0;
  std::function<void()> reset_begins_;
  std::optional<controller::CloudReset> reset_;  // of the life that is about to be born
};

}  // namespace kilonova::sim
