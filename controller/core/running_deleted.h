// Guests whose servers are deleted, which hosts name when they register and at their audits: what Nova's
// _cleanup_running_deleted_instances (nova/compute/manager.py) finds on a host that was down while they went. How long one
// has been so is counted from when this life of the controller heard of it first (docs/protocol.md, "Elapsed time"). A
// guest that its server has left for another host is none of these, and always destroyed. Loop thread only.
#pragma once

#include <map>
#include <string>

#include "controller/core/controller_world.h"
#include "domain/messages.h"

namespace kilonova::controller {

class RunningDeleted {
 public:
  explicit RunningDeleted(ControllerWorld& world) : world_(world) {}

  // A process has this guest, of a server without a row. True: it is to be destroyed now. `host`: "" where the process did
  // not say it, and has to be told when it names the guest again.
  bool is_reaped(PeerId process, std::string host, const PlacementId& placement);
  // What a host says of such a guest is no news.
  bool leaves_alone() const { return !reaps_at_once(); }
  // Often; acts when the interval is over.
  void look();

 private:
  struct Found {
    PeerId process;
    std::string host;  // "" = it did not say
    Instant since;
    Instant named;
  };
  bool reaps_at_once() const;
  // False: it is not looked at again until it is named again.
  bool act(const PlacementId& placement, const Found& found);
  void say(const PlacementId& placement, const Found& found, std::string then) const;

  ControllerWorld& world_;
  std::map<PlacementId, Found> found_;
  Instant looked_;
};

}  // namespace kilonova::controller
