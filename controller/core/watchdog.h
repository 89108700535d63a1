// Finds tries that are lost. It acts on silence, not on slowness (docs/protocol.md): a try is lost when its host is down
// or stops listing it, or when no host has listed it for two heartbeat intervals after its scheduler said that it was
// cast, or lost its memory, or did not count the cast within service_down_time. Loop thread only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/core/build_results.h"
#include "controller/core/controller_world.h"
#include "controller/core/host_registry.h"
#include "domain/messages.h"

namespace kilonova::controller {

class Watchdog {
 public:
  Watchdog(ControllerWorld& world, BuildResults& results, const HostRegistry& hosts)
      : world_(world), results_(results), hosts_(hosts) {}

  // What the process lists is alive; what its hosts had and it stopped listing is lost.
  void on_heartbeat(const Peer& process, const ComputeHeartbeat& heartbeat);
  // Guests that a process registered with: settled at its first heartbeat, which says for which a result is still to come.
  void on_guests(const Peer& process, std::vector<GuestInfo> guests);
  // What is under way of an older epoch than was removed there is lost: a store that went back has lost the delete.
  void on_terminated(const InstanceTerminated& terminated);
  void on_hosts_down(const std::set<std::string>& hosts);
  // The scheduler's memory is gone: its unlisted casts may be lost.
  void on_scheduler_restart(const Peer& scheduler);
  // Taken up after a restart: nobody knows whether it was cast.
  void watch_recovered(const Instance& row);
  // Every kLookInterval. `recovering`: not every process has registered since the restart, so silence proves nothing yet.
  void look(bool recovering);

 private:
  void note_found(const Peer& process, const GuestInfo& guest);
  void lost(const Uuid& instance, Drive& drive, std::string why);
  Task<> rebuild(PlacementId placement, bool counts, std::string why);

  ControllerWorld& world_;
  BuildResults& results_;
  const HostRegistry& hosts_;
  std::map<PeerId, std::vector<GuestInfo>> guests_;
  std::optional<Instant> last_look_;
};

}  // namespace kilonova::controller
