#include "rpc/node/grpc_node.h"

#include <utility>

#include "base/check.h"
#include "rpc/node/node.h"

namespace kilonova {

GrpcNode::GrpcNode(Loop& loop, rpc::GrpcQueue& queue, NodeOptions options, PeerHandler& handler, Log& log)
    : node_(std::make_unique<Node>(loop, queue, std::move(options), handler, log)) {}

GrpcNode::~GrpcNode() = default;

void GrpcNode::add_service(rpc::CallService& service, std::string name) {
  node_->services.push_back({&service, std::move(name)});
}

void GrpcNode::add_listen(std::string address, TlsPtr tls) {
  node_->more_doors.push_back({std::move(address), std::move(tls)});
}

Expected<> GrpcNode::start() { return node_->start(); }

void GrpcNode::stop() { node_->stop(); }

void GrpcNode::begin_incarnation(Incarnation incarnation) { node_->begin_incarnation(incarnation); }

void GrpcNode::set_serving(bool serving) { node_->listener().set_serving(serving); }

void GrpcNode::disconnect(PeerId peer) { node_->disconnect(peer); }

std::vector<KnownDaemon> GrpcNode::daemons() const {
  std::vector<KnownDaemon> result;
  for (const v1::DirectoryEntry& entry : node_->directory().entries()) {
    PeerId id{static_cast<Role>(entry.role()), entry.index()};
    result.push_back({{id, entry.incarnation()}, entry.address(), entry.hostname()});
  }
  return result;
}

std::vector<std::string> GrpcNode::addresses() const { return node_->listener().addresses(); }

size_t GrpcNode::queued_messages() const { return node_->queued_messages(); }

PeerId GrpcNode::self() const { return node_->options().self; }

Incarnation GrpcNode::incarnation() const { return node_->options().incarnation; }

std::vector<Peer> GrpcNode::peers(Role role) const { return node_->peers().connected(role); }

void GrpcNode::forbid(PeerId id, const std::vector<Incarnation>& replaced) { node_->forbid(id, replaced); }

bool GrpcNode::send(PeerId to, Message message) { return node_->send(to, std::move(message)); }

}  // namespace kilonova
