// PeerTable: every process this one was ever connected to, the numbered link with its last incarnation, and the stream that
// carries it now. Plain state without callbacks; loop thread only.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "kilonova/v1/peer.pb.h"
#include "ports/transport.h"
#include "rpc/link/link.h"
#include "rpc/node/stream_events.h"

namespace kilonova {

struct PeerState {
  PeerState(PeerId peer_id, QueueLimit limit) : id(peer_id), link(limit) {}

  PeerId id;
  Link link;
  StreamPtr stream;  // null while not connected
  std::string address;
  std::string hostname;
  bool dirty = false;  // waits for the next drain
  bool directory_due = false;
  bool ack_due = false;

  Peer peer() const { return {id, link.peer()}; }
};

class PeerTable {
 public:
  PeerTable(Incarnation self, QueueLimit queue_limit) : self_(self), queue_limit_(queue_limit) {}

  // Null when it was never connected.
  PeerState* find(PeerId id);
  // May the process that says so be connected now? kAlreadyExists when another process with its id is, or when it was
  // replaced by one; kInvalidArgument when it claims to have received what was never sent.
  Expected<> admissible(const v1::Hello& hello);
  // Its link is resumed, or begun anew for a new incarnation and for one that has forgotten us. The hello must be
  // admissible, the last stream detached.
  PeerState& admit(const v1::Hello& hello);

  // None of these is admissible from now on.
  void forbid(PeerId id, const std::vector<Incarnation>& replaced);
  // The controller knows it as the newest: one that was replaced may have been here between, and may come again. Then
  // this one is admissible whenever that one is not connected.
  void allow(const Peer& newest);
  bool is_forbidden(const Peer& peer) const;
  // The one reason of admissible() that no waiting mends for this process. A new one of its identity is another matter.
  bool was_replaced(const v1::Hello& hello) const;
  // It has known us, and does not remember us: another process of our identity was there meanwhile.
  bool has_forgotten_us(const v1::Hello& hello) const;

  // By role and index.
  std::vector<Peer> connected(Role role) const;
  std::map<PeerId, PeerState>& all() { return peers_; }
  v1::Directory directory() const;

 private:
  // Of a hello's resume fields, what concerns this process.
  uint64_t resume_number(const v1::Hello& hello) const;

  Incarnation self_;
  QueueLimit queue_limit_;
  std::map<PeerId, Incarnation> newest_;                // as the controller last said
  std::map<PeerId, PeerState> peers_;                   // addresses are stable
  std::map<PeerId, std::deque<Incarnation>> replaced_;  // the last of them; one that comes back is a zombie
};

}  // namespace kilonova
