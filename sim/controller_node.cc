#include "sim/controller_node.h"

#include <utility>

#include "base/check.h"
#include "controller/core/first_rows.h"
#include "sim/sim_crypto.h"

namespace kilonova::sim {

ControllerNode::ControllerNode(World world, controller::ControllerOptions options)
    : Node(world, PeerId{Role::kController, 0}), options_(options) {
  disk_.commit_latency = microseconds(500);
}

const controller::ControllerCore* ControllerNode::core() const {
  if (!alive()) return nullptr;
  auto& core = life_as<ControllerLife>().core;
  return core ? &*core : nullptr;
}

ControllerNode::ControllerLife::ControllerLife(World& world, PeerId id, Incarnation incarnation, ControllerNode& node)
    : Life(world, id, incarnation),
      core_random(random("core")),
      store(loop, node.image_, node.disk_),
      lying(store, loop, node.bugs_) {
  auto state = lying.load();
  KN_CHECK(state.has_value(), "a store in memory cannot be loaded");
  beginning.emplace(loop);
  beginning->spawn(begin(&node, *std::move(state)));
}

ControllerNode::ControllerLife::~ControllerLife() {
  beginning.reset();
  core.reset();
}

Task<> ControllerNode::ControllerLife::begin(ControllerNode* node, ControllerState state) {
  Random rows_random = random("first rows");
  SimCrypto crypto(random("crypto"));
  auto ready = co_await controller::commit_first_rows({loop, store, crypto, rows_random}, std::move(state), {});
  if (!ready) co_return;  // a full disk from the very beginning: a controller that never serves
  ControllerStore& its_store = node->bugs_ ? static_cast<ControllerStore&>(lying) : store;
  core.emplace(controller::ControllerPorts{loop, transport, log, core_random, its_store}, node->options_,
               *std::move(ready));
  transport.open(*core);
  core->start();
}

std::unique_ptr<Node::Life> ControllerNode::be_born(Incarnation incarnation) {
  return std::make_unique<ControllerLife>(world_, id_, incarnation, *this);
}

}  // namespace kilonova::sim
