#include "sim/network_node.h"

#include <utility>

#include "base/check.h"

namespace kilonova::sim {

NetworkNode::NetworkNode(World world, network::NetworkOptions options)
    : Node(world, PeerId{Role::kNetwork, 0}), options_(options) {}

const network::NetworkCore* NetworkNode::core() const { return alive() ? &life_as<NetworkLife>().core : nullptr; }

NetworkNode::NetworkLife::NetworkLife(World& world, PeerId id, Incarnation incarnation, NetworkNode& node)
    : Life(world, id, incarnation),
      store(loop, *node.image_, node.disk_),
      lying(store, node.lie_),
      core(network::NetworkPorts{loop, transport, log, random("core"),
                                 node.lie_ ? static_cast<NetworkStore&>(lying) : store, node.options_}) {
  auto started = core.start();
  KN_CHECK(started.has_value(), "the network store contradicts itself");
  transport.open(core);
}

void NetworkNode::observe(Watcher committed) {
  committed_ = std::move(committed);
  image_->observe(committed_);
}

void NetworkNode::observe_refusals(Watcher refused) {
  refused_ = std::move(refused);
  image_->observe_refusals(refused_);
}

void NetworkNode::part_files() {
  const NetworkState state = image_->state();
  NetworkTransaction all;
  for (const Network& row : state.networks) all.push_back(network_mutation::PutNetwork{row});
  for (const Lease& row : state.leases) all.push_back(network_mutation::PutLease{row});
  for (const ReleaseFence& row : state.fences) all.push_back(network_mutation::PutFence{row});
  for (const NetworkDetails& row : state.details) all.push_back(network_mutation::PutDetails{row});
  for (const Subnet& row : state.subnets) all.push_back(network_mutation::PutSubnet{row});
  for (const Port& row : state.ports) all.push_back(network_mutation::PutPort{row});
  image_->observe({});
  image_->observe_refusals({});
  image_left_ = std::exchange(image_, std::make_unique<MemoryNetworkImage>());
  const auto copied = image_->apply(all);
  KN_CHECK(copied.has_value(), "an image in memory takes everything");
  image_->observe(committed_);
  image_->observe_refusals(refused_);
}

std::unique_ptr<Node::Life> NetworkNode::be_born(Incarnation incarnation) {
  return std::make_unique<NetworkLife>(world_, id_, incarnation, *this);
}

}  // namespace kilonova::sim
