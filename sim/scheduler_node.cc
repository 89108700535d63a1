#include "sim/scheduler_node.h"

#include <utility>

namespace kilonova::sim {

SchedulerNode::SchedulerNode(World world, uint32_t index, scheduler::SchedulerOptions options)
    : Node(world, PeerId{Role::kScheduler, index}), options_(std::move(options)) {}

SchedulerNode::SchedulerLife::SchedulerLife(World& world, PeerId id, Incarnation incarnation,
                                            const scheduler::SchedulerOptions& options)
    : Life(world, id, incarnation), core(scheduler::SchedulerPorts{loop, transport, log, random("core"), options}) {
  core.start();
  transport.open(core);
}

std::unique_ptr<Node::Life> SchedulerNode::be_born(Incarnation incarnation) {
  return std::make_unique<SchedulerLife>(world_, id_, incarnation, options_);
}

}  // namespace kilonova::sim
