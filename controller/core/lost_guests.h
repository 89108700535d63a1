// Servers whose guest is gone: a power loss under `--sync normal` takes the newest records of the hypervisors' journal, guests of
// servers that run among them (docs/protocol.md, "What a disk may do"). Nova's compute meets such servers when it starts, finds
// no domain for them, and leaves them ACTIVE; here nothing can bring them back, and they go to ERROR, saying so.
//
// A registration that does not name a guest proves nothing, for a part of it may have been lost: the journals themselves are asked
// before a server is given up. Where all guests are named, this costs a walk over the rows of the hosts that
// registered. Loop thread only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/core/controller_world.h"
#include "domain/messages.h"

namespace kilonova::controller {

class LostGuests {
 public:
  explicit LostGuests(ControllerWorld& world) : world_(world) {}

  // Before the part is worked off: hosts that another process carried until now are left alone, their guests are there.
  void on_registration(const Peer& process, const RegisterHosts& part);
  // Follows a whole registration, or an attempt to ask that failed.
  void on_heartbeat(const Peer& process);
  // A host has ended what it had of a server that nobody deletes: in a past that the store has lost. Asked like the
  // missing.
  void on_terminated(const Peer& process, const InstanceTerminated& terminated);
  // Where the row has its guest a host builds what the row knows nothing of: whoever asked it to, it has ended what was
  // there before. Or its journal went back to when it was being built, and it has ended that. Asked likewise.
  void on_report(const Peer& process, const InstanceReport& report);
  // A host could not do what it was told, as it has no such guest: asked likewise.
  void on_action_done(const Peer& process, const ServerActionDone& done);

 private:
  struct Registration {
    Incarnation incarnation = 0;
    std::set<std::string> hosts;
    std::set<PlacementId> named;
    bool whole = false;
    std::vector<PlacementId> missing;  // to be asked for
    bool asking = false;
  };

  void find_missing(Registration& registration) const;
  Task<> ask(Peer process);
  // Every guest in the journals of the processes that are connected. Fails when one does not answer.
  Task<Expected<std::set<PlacementId>>> read_journals();
  Task<> give_up(PlacementId placement);
  // Nova: nova/compute/manager.py _sync_instance_power_state looks at no resized server; it stays so, without a power
  // state, and its user reverts it. The caller holds its lock.
  Task<> leave_to_its_user(Instance next);
  // The store refused: asked for again.
  void ask_again(const std::string& host, PlacementId placement);

  ControllerWorld& world_;
  std::map<PeerId, Registration> registrations_;
};

}  // namespace kilonova::controller
