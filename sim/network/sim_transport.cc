#include "sim/network/sim_transport.h"

#include <utility>

namespace kilonova::sim {

SimTransport::SimTransport(SimNetwork& network, Loop& loop, PeerId self, Incarnation incarnation, size_t queue_limit)
    : network_(network), loop_(loop), self_(self), incarnation_(incarnation), queue_limit_(queue_limit) {}

SimTransport::~SimTransport() {
  if (handler_ != nullptr) network_.detach(*this, true);
}

size_t SimTransport::queued() {
  size_t all = 0;
  for (auto& [id, remote] : remotes_) all += remote.link.sender().size();
  return all;
}

void SimTransport::suspend() {
  suspended_ = true;
  network_.detach(*this, false);
}

void SimTransport::resume() {
  suspended_ = false;
  network_.attach(*this);
}

void SimTransport::open(PeerHandler& handler) {
  handler_ = &handler;
  network_.attach(*this);
}

std::vector<Peer> SimTransport::peers(Role role) const {
  std::vector<Peer> connected;
  for (const auto& [id, remote] : remotes_)
    if (id.role == role && remote.connected) connected.push_back({id, remote.link.peer()});
  return connected;
}

bool SimTransport::send(PeerId to, Message message) {
  if (to == self_ && network_.ended_ && holds_alternative<EndProcess>(message.body)) network_.ended_(self_);
  auto it = remotes_.find(to);
  if (it == remotes_.end() || it->second.link.peer() == 0) return false;
  Remote& remote = it->second;
  bool repeat = false;
  if (!network_.offer(self_, to, message, repeat)) return true;
  network_.sent(self_, to, remote.link.peer(), message);
  if (repeat) remote.link.sender().push(message);
  if (!remote.link.sender().push(std::move(message))) return false;
  mark_dirty(to, remote);
  return true;
}

void SimTransport::forbid(PeerId id, const std::vector<Incarnation>& replaced) {
  const size_t before = forbidden_[id].size();
  forbidden_[id].insert(replaced.begin(), replaced.end());
  if (forbidden_[id].size() != before) ++directory_;
  auto known = remotes_.find(id);
  if (known != remotes_.end() && forbidden_[id].contains(known->second.link.peer())) network_.disconnect(self_, id);
  if (self_.role == Role::kController) network_.spread(*this);
}

bool SimTransport::lets_in(const SimTransport& other) const {
  // Whom that one replaced and who was here since is not connected now.
  if (auto newest = newest_.find(other.self_); newest != newest_.end() && newest->second == other.incarnation_)
    return true;
  auto forbidden = forbidden_.find(other.self_);
  return forbidden == forbidden_.end() || !forbidden->second.contains(other.incarnation_);
}

bool SimTransport::has_heard(const SimTransport& other) const {
  auto known = remotes_.find(other.self_);
  return known != remotes_.end() && known->second.link.peer() == other.incarnation_ && known->second.link.was_known();
}

bool SimTransport::has_forgotten(const SimTransport& other) const {
  auto known = remotes_.find(other.self_);
  return known == remotes_.end() || known->second.link.peer() != other.incarnation_;
}

void SimTransport::admit(const SimTransport& other) {
  Remote& known = remote(other.self_);
  if (known.link.peer() == other.incarnation_) return;
  if (known.link.peer() != 0) forbidden_[other.self_].insert(known.link.peer());
  forbidden_[other.self_].erase(other.incarnation_);
  ++directory_;
  known.link.reset(other.incarnation_);
  known.told = 0;
}

void SimTransport::learn_from(SimTransport& controller) {
  Remote& known = controller.remote(self_);
  if (std::exchange(known.told, controller.directory_) == controller.directory_) return;
  for (const auto& [id, remote] : controller.remotes_) {
    if (id == self_) continue;
    newest_[id] = remote.link.peer();
    forbidden_[id].erase(remote.link.peer());
    if (auto replaced = controller.forbidden_.find(id); replaced != controller.forbidden_.end())
      forbid(id, {replaced->second.begin(), replaced->second.end()});
  }
}

SimTransport::Remote& SimTransport::remote(PeerId id) { return remotes_.try_emplace(id, queue_limit_).first->second; }

void SimTransport::mark_dirty(PeerId id, Remote& remote) {
  if (remote.dirty) return;
  remote.dirty = true;
  if (dirty_.empty()) loop_.at_drain([this] { flush(); });
  dirty_.push_back(id);
}

void SimTransport::flush() {
  for (PeerId id : std::exchange(dirty_, {})) {
    remote(id).dirty = false;
    network_.carry(*this, id);
  }
}

void SimTransport::peer_up(Peer peer) {
  Remote& r = remote(peer.id);
  if (r.link.peer() != peer.incarnation) return;  // replaced before the handler heard of it
  r.connected = true;
  handler_->on_peer_up(peer);
  mark_dirty(peer.id, remote(peer.id));
}

void SimTransport::peer_down(PeerId id) {
  Remote& r = remote(id);
  if (!r.connected) return;
  r.connected = false;
  handler_->on_peer_down({id, r.link.peer()});
}

}  // namespace kilonova::sim
