// Which process of each identity is the newest, and which ones it has replaced. It is stored: a process that was
// frozen, while its successor came and the controller was restarted, is not taken for the newest one when it thaws
// (docs/protocol.md, "One identity, one process"). Loop thread only.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controller/core/controller_world.h"
#include "ports/controller_store.h"
#include "ports/transport.h"

namespace kilonova::controller {

// Of each identity a setting, whose name begins so.
inline constexpr std::string_view kPeerSettings = "peer ";
// Of one identity; a zombie returns soon after it was replaced, or never.
inline constexpr size_t kReplacedKept = 64;

class PeerBook {
 public:
  PeerBook(ControllerWorld& world, const ControllerState& state);

  // Tells the transport whom not to let in. Once it can send.
  void start();
  // False: this process was replaced by another one, and is to be sent away. A new one is stored, in time, as the
  // newest of its identity; what is committed after this call is committed after that.
  bool admit(const Peer& peer);
  bool is_newest(const Peer& peer) const;

 private:
  struct Processes {
    Incarnation newest = 0;
    std::deque<Incarnation> replaced;  // the oldest first
    bool is_storing = false;
    bool is_stored = true;
  };

  Task<> store(PeerId id);

  ControllerWorld& world_;
  std::map<PeerId, Processes> processes_;
};

}  // namespace kilonova::controller
