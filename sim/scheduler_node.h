// A scheduler of a simulated cloud: it has nothing that outlives it.
#pragma once

#include <memory>

#include "scheduler/core/scheduler_core.h"
#include "sim/node.h"

namespace kilonova::sim {

class SchedulerNode final : public Node {
 public:
  SchedulerNode(World world, uint32_t index, scheduler::SchedulerOptions options);

  // nullptr while it is dead.
  const scheduler::SchedulerCore* core() const { return alive() ? &life_as<SchedulerLife>().core : nullptr; }

 private:
  struct SchedulerLife : Life {
    SchedulerLife(World& world, PeerId id, Incarnation incarnation, const scheduler::SchedulerOptions& options);
    scheduler::SchedulerCore core;
  };

  std::unique_ptr<Life> be_born(Incarnation incarnation) override;

  scheduler::SchedulerOptions options_;
};

}  // namespace kilonova::sim
