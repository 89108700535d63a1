#include "sim/api_node.h"

namespace kilonova::sim {

ApiNode::ApiNode(World world, uint32_t index, api::ApiOptions options)
    : Node(world, PeerId{Role::kApi, index}), options_(options) {}

api::ApiCore* ApiNode::core() const { return alive() ? &life_as<ApiLife>().core : nullptr; }

ApiNode::ApiLife::ApiLife(World& world, PeerId id, Incarnation incarnation, const api::ApiOptions& options)
    : Life(world, id, incarnation),
      crypto(random("crypto")),
      core(loop, transport, log, random("core"), crypto, options),
      clients(loop) {
  transport.open(core);
}

std::unique_ptr<Node::Life> ApiNode::be_born(Incarnation incarnation) {
  return std::make_unique<ApiLife>(world_, id_, incarnation, options_);
}

}  // namespace kilonova::sim
