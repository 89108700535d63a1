// The tries under way: what the controller remembers of them beyond the row, in memory only. A restart rebuilds it from
// the rows. The watchdog walks it. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "domain/launch_steps.h"
#include "domain/messages.h"
#include "domain/operation.h"

namespace kilonova::controller {

struct Drive {
  uint64_t epoch = 0;
  // The cast, once it was sent.
  std::optional<PeerId> scheduler;
  Incarnation scheduler_incarnation = 0;
  uint64_t cast_number = 0;
  Instant cast_at;
  // Since when a host should have listed it: the scheduler said that it was cast, or its memory is gone.
  std::optional<Instant> silent_since;
  bool recovered = false;  // taken up after a restart: whether it was cast is not known
  bool listed = false;     // some host has reported or listed this epoch; set by DriveTable::list
  std::string host;        // that host
  // Casts of this server before this one that were lost in a row, without a restart to explain it and before any host
  // heard of them; and whether there is such an explanation for this one.
  uint32_t lost_casts = 0;
  bool excused = false;
  bool unplaced = false;    // no host took it, and nobody asks again (ControllerOptions::leaves_unplaced)
  bool rebuilding = false;  // found lost: the flow that commits the next try runs, or waits for the store
  // The life of the host's process that has it as a guest, built, whose addresses are being asked for: no heartbeat lists it.
  Incarnation found_by = 0;
  std::string
      removed_from;  // a host that says that it has removed the guest: a delete that this store has lost asked it to
  // Whether a fault rule of step 3 or 13 is being asked or waited for, so that nobody goes on with the try meanwhile.
  bool striking = false;
  // The one of step 13 that has made it fail: also when the store refused what comes of that.
  std::optional<InjectedFault> failing;
  std::vector<StepRecord> steps;  // 1 to 3, for a cast that has to be repeated
  // As its host told on the way, for who asks before the try has ended: all steps so far, and why this host.
  std::vector<StepRecord> told;
  Decision decision;
};

struct DeletePending {
  Instant asked;                // when its hosts and the network-controller were last told
  std::set<std::string> hosts;  // that have not confirmed it yet
  bool awaits_network = true;   // the network-controller has not confirmed it yet
  bool finishing = false;       // the flow that ends it without its hosts runs, or waits for the store
  RequestContext by = {};       // who asked for it; nobody after a restart, and where a time was over
  WallTime since = {};          // when
};

class DriveTable {
 public:
  Drive* find(const Uuid& instance) {
    auto it = drives_.find(instance);
    return it == drives_.end() ? nullptr : &it->second;
  }
  Drive& put(const Uuid& instance, Drive drive);
  void erase(const Uuid& instance);
  std::map<Uuid, Drive>& all() { return drives_; }
  size_t size() const { return drives_.size(); }

  // This host has reported or listed the try of this server, which must be there: heartbeats tell of it from now on.
  void list(const Uuid& instance, const std::string& host);
  // Servers whose tries these hosts have, in the order of their ids. Costs a look-up for each of the hosts, or for each
  // host that has tries under way where those are fewer; never a walk over all tries.
  std::vector<Uuid> listed_on(const std::set<std::string>& hosts) const;
  // By host: the servers whose tries it has. No set is empty.
  const std::map<std::string, std::set<Uuid>>& by_host() const { return by_host_; }

  std::map<Uuid, DeletePending>& deletes() { return deletes_; }
  // Servers with a power action that its host has not answered.
  std::set<Uuid>& power_actions() { return power_actions_; }

 private:
  void unlist(const Uuid& instance, const Drive& drive);

  std::map<Uuid, Drive> drives_;
  std::map<std::string, std::set<Uuid>> by_host_;
  std::map<Uuid, DeletePending> deletes_;
  std::set<Uuid> power_actions_;
};

}  // namespace kilonova::controller
