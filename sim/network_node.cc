#include "sim/network_node.h"

#include "base/check.h"

namespace kilonova::sim {

NetworkNode::NetworkNode(World world, network::NetworkOptions options)
    : Node(world, PeerId{Role::kNetwork, 0}), options_(options) {}

const network::NetworkCore* NetworkNode::core() const { return alive() ? &life_as<NetworkLife>().core : nullptr; }

NetworkNode::NetworkLife::NetworkLife(World& world, PeerId id, Incarnation incarnation, NetworkNode& node)
    : Life(world, id, incarnation),
      store(loop, node.image_, node.disk_),
      lying(store, node.lie_),
      core(network::NetworkPorts{loop, transport, log, random("core"),
                                 node.lie_ ? static_cast<NetworkStore&>(lying) : store, node.options_}) {
  auto started = core.start();
  KN_CHECK(started.has_value(), "the network store contradicts itself");
  transport.open(core);
}

std::unique_ptr<Node::Life> NetworkNode::be_born(Incarnation incarnation) {
  return std::make_unique<NetworkLife>(world_, id_, incarnation, *this);
}

}  // namespace kilonova::sim
