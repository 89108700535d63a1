#include "rpc/node/peer_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "rpc/node/handshake.h"

namespace kilonova {
namespace {

// A zombie returns soon after it was replaced, or never; and a handful of restarts is remembered.
constexpr size_t kReplacedKept = 64;

}  // namespace

PeerState* PeerTable::find(PeerId id) {
  auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : &found->second;
}

uint64_t PeerTable::resume_number(const v1::Hello& hello) const {
  return hello.resume_incarnation() == self_ ? hello.resume_number() : 0;
}

Expected<> PeerTable::admissible(const v1::Hello& hello) {
  PeerId id = peer_of(hello);
  PeerState* peer = find(id);
  if (was_replaced(hello)) {
    return fail(
        ErrorCode::kAlreadyExists,
        fmt::format("this process of {} (incarnation {:016x}) was replaced by a newer one{}; stop it", to_string(id),
                    hello.incarnation(), peer != nullptr && !peer->hostname.empty() ? " on " + peer->hostname : ""));
  }
  uint64_t sent = 0;
  if (peer != nullptr && peer->link.peer() == hello.incarnation()) {
    sent = peer->link.sender().last_number();
  } else if (peer != nullptr && peer->stream) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("another {} is connected (on {}, incarnation {:016x}): give this process another index, or "
                            "stop the other one",
                            to_string(id), peer->hostname, peer->link.peer()));
  }
  if (resume_number(hello) > sent) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} claims to have received message {}, but only {} were sent",
                                                         to_string(id), resume_number(hello), sent));
  }
  return {};
}

PeerState& PeerTable::admit(const v1::Hello& hello) {
  PeerId id = peer_of(hello);
  PeerState& peer = peers_.try_emplace(id, id, queue_limit_).first->second;
  KN_CHECK(!peer.stream, "a peer was admitted while its last stream is attached");
  if (peer.link.peer() != hello.incarnation()) {
    if (peer.link.peer() != 0) forbid(id, {peer.link.peer()});
    std::erase(replaced_[id], hello.incarnation());
    peer.link.reset(hello.incarnation());
  } else if (has_forgotten_us(hello)) {
    peer.link.reset(hello.incarnation());
  } else {
    bool possible = peer.link.resume(resume_number(hello));
    KN_CHECK(possible, "a hello was admitted that is not admissible");
  }
  peer.address = hello.address();
  peer.hostname = hello.hostname();
  return peer;
}

void PeerTable::forbid(PeerId id, const std::vector<Incarnation>& replaced) {
  std::deque<Incarnation>& known = replaced_[id];
  for (Incarnation incarnation : replaced) {
    if (std::ranges::find(known, incarnation) != known.end()) continue;
    known.push_back(incarnation);
    if (known.size() > kReplacedKept) known.pop_front();
  }
}

void PeerTable::allow(const Peer& newest) {
  newest_[newest.id] = newest.incarnation;
  if (auto replaced = replaced_.find(newest.id); replaced != replaced_.end())
    std::erase(replaced->second, newest.incarnation);
}

bool PeerTable::is_forbidden(const Peer& peer) const {
  auto replaced = replaced_.find(peer.id);
  return replaced != replaced_.end() && std::ranges::find(replaced->second, peer.incarnation) != replaced->second.end();
}

bool PeerTable::was_replaced(const v1::Hello& hello) const {
  const PeerId id = peer_of(hello);
  if (!is_forbidden({id, hello.incarnation()})) return false;
  const auto newest = newest_.find(id);
  const auto peer = peers_.find(id);
  const bool returns =
      newest != newest_.end() && newest->second == hello.incarnation() && peer != peers_.end() && !peer->second.stream;
  return !returns;
}

bool PeerTable::has_forgotten_us(const v1::Hello& hello) const {
  const auto known = peers_.find(peer_of(hello));
  return known != peers_.end() && known->second.link.peer() == hello.incarnation() &&
         known->second.link.was_known() && hello.resume_incarnation() != self_;
}

std::vector<Peer> PeerTable::connected(Role role) const {
  std::vector<Peer> result;
  for (auto at = peers_.lower_bound(PeerId{role, 0}); at != peers_.end() && at->first.role == role; ++at) {
    if (at->second.stream) result.push_back(at->second.peer());
  }
  return result;
}

v1::Directory PeerTable::directory() const {
  v1::Directory directory;
  for (const auto& [id, peer] : peers_) {
    v1::DirectoryEntry* entry = directory.add_entries();
    entry->set_role(static_cast<uint32_t>(id.role));
    entry->set_index(id.index);
    entry->set_incarnation(peer.link.peer());
    entry->set_address(peer.address);
    entry->set_hostname(peer.hostname);
    if (auto replaced = replaced_.find(id); replaced != replaced_.end())
      entry->mutable_replaced()->Add(replaced->second.begin(), replaced->second.end());
  }
  return directory;
}

}  // namespace kilonova
