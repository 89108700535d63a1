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

ControllerNode::ControllerLife::ControllerLife(World& world, PeerId id, Incarnation incarnation, ControllerNode& node,
                                               std::optional<controller::CloudReset> reset)
    : Life(world, id, incarnation),
      core_random(random("core")),
      store(loop, node.image_, node.disk_),
      lying(store, loop, node.bugs_) {
  auto state = lying.load();
  KN_CHECK(state.has_value(), "a store in memory cannot be loaded");
  beginning.emplace(loop);
  beginning->spawn(begin(&node, *std::move(state), std::move(reset)));
}

ControllerNode::ControllerLife::~ControllerLife() {
  beginning.reset();
  core.reset();
}

Task<> ControllerNode::ControllerLife::begin(ControllerNode* node, ControllerState state,
                                             std::optional<controller::CloudReset> reset) {
  Random rows_random = random("first rows");
  SimCrypto crypto(random("crypto"));
  const controller::FirstRowsPorts ports{loop, store, crypto, rows_random};
  auto ready = co_await controller::commit_first_rows(ports, std::move(state), {});
  if (!ready) co_return;  // a full disk from the very beginning: a controller that never serves
  std::optional<controller::FailedReset> failed;
  if (reset) {
    auto outcome = co_await controller::commit_reset(ports, *ready, *reset, false);
    if (!outcome) failed = controller::FailedReset{reset->client_token, std::move(outcome.error())};
    if (outcome) ready = *std::move(outcome);
  }
  ControllerStore& its_store = node->bugs_ ? static_cast<ControllerStore&>(lying) : store;
  const Incarnation own = transport.incarnation();
  core.emplace(
      controller::ControllerPorts{
          loop, transport, log, core_random, its_store,
          [node, own](controller::CloudReset wanted) { node->begin_again(own, std::move(wanted)); }, std::move(failed)},
      node->options_, *std::move(ready));
  transport.open(*core);
  core->start();
}

std::unique_ptr<Node::Life> ControllerNode::be_born(Incarnation incarnation) {
  newest_ = incarnation;
  return std::make_unique<ControllerLife>(world_, id_, incarnation, *this, std::exchange(reset_, {}));
}

// Not at once: a flow of that life asks for it. One that was killed, or frozen, meanwhile does not get to it.
void ControllerNode::begin_again(Incarnation incarnation, controller::CloudReset reset) {
  world_.loop.post([this, incarnation, reset = std::move(reset)]() mutable {
    if (!alive() || newest_ != incarnation || frozen()) return;
    if (reset_begins_) reset_begins_();
    kill();
    reset_ = std::move(reset);
    start();
  });
}

}  // namespace kilonova::sim
