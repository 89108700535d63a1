// Which hosts there are, who carries them, and which are up. The controller stamps heartbeats when they arrive; no clock
// of another daemon counts. Rules after nova/servicegroup/drivers/db.py (up: heard within service_down_time, inclusive).
// Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/core/controller_counts.h"
#include "controller/core/controller_world.h"
#include "domain/messages.h"
#include "domain/nouns/host.h"
#include "domain/operation.h"

namespace kilonova::controller {

class HostRegistry {
 public:
  // `on_hosts_down`: called with the hosts that went from up to down.
  HostRegistry(ControllerWorld& world, std::function<void(const std::set<std::string>& hosts)> on_hosts_down);

  // A process has begun to register, or goes on; at once, before what it says next is looked at.
  void on_registration(const Peer& process);
  // Registers the hosts of one part: commits new or changed rows, answers, tells the schedulers.
  Task<> register_hosts(Peer process, RegisterHosts part);
  void on_heartbeat(const Peer& process, const ComputeHeartbeat& heartbeat);
  // Something else than their processes changed what these hosts are: tells the schedulers.
  void announce(const std::vector<std::string>& hosts);
  // A scheduler that knows nothing yet.
  void greet_scheduler(PeerId scheduler);
  Task<Expected<Empty>> handle(SetHostEnabled request, RequestContext context);
  // What was being built on a host that is forced down begins again elsewhere.
  // kConflict for an end of it while evacuations from there are done and not completed.
  Task<Expected<Empty>> handle(SetHostForcedDown request, RequestContext context);
  // The process that carries the host does it.
  Task<Expected<Empty>> handle(SetHostPower request, RequestContext context);
  // Its process hears of it, and what that says of the host later is ignored.
  Task<Expected<Empty>> handle(DeleteHost request, RequestContext context);

  bool is_up(const std::string& host) const;
  // Walks all hosts.
  HostCounts counts() const;
  // By another process that is connected, unless all that this life of it registered has not named the host.
  bool is_carried_by_another(const std::string& host, PeerId process) const;
  // By an administrator, since this life of the process registered it.
  bool was_deleted(const std::string& host, const Peer& process) const;
  // The hosts that this process carries. Changes with the next registration.
  const std::set<std::string>& hosts_of(PeerId process) const;
  WallTime last_seen(const std::string& host) const;
  // Every process that carried hosts before this start has registered again.
  bool all_heard() const;

 private:
  struct Process {
    Incarnation registering = 0;  // the newest that has begun
    Incarnation incarnation = 0;  // whose hosts are registered
    std::optional<Instant> last_heard;
    WallTime last_seen;
    bool registered = false;
    bool up = false;
    std::set<std::string> hosts;
    std::set<std::string> hosts_down;
    std::optional<std::set<std::string>> hosts_down_meanwhile;  // said by the one that is registering
    std::set<std::string> announced;                            // by this incarnation, so far
    std::set<std::string> absent;                               // carried before, and not by this incarnation
    std::set<std::string> deleted;                              // by administrators, of the next
    Incarnation deleted_of = 0;
    TimerId deadline = 0;
  };

  // kNotFound.
  Expected<Host> known_host(const std::string& name) const;
  bool is_heard(const Host& host) const;
  // Commits the row, and tells it; the caller holds the lock of hosts.
  Task<Expected<Empty>> put(Host row);
  // The rows that a part asks for, and in `answer` what is refused. Nothing of those that were deleted.
  std::vector<Host> rows_of(const Peer& peer, const RegisterHosts& part, RegisterHostsAnswer& answer);
  // Those that are done, of servers that these hosts had. A process that registers them has cleaned up behind them, and
  // they are completed: nova/compute/manager.py _destroy_evacuated_instances.
  std::vector<Migration> evacuations_from(const std::vector<Host>& hosts) const;
  // The process goes on with hosts that were deleted: it has not heard of it.
  void tell_deleted(const Peer& peer, const RegisterHosts& part);
  Expected<> may_delete(const std::string& host) const;
  // After the commit: of what is known of the host nothing is left.
  void forget(const Host& host);
  std::vector<std::string> deleted_hosts() const;
  void adopt(const Peer& peer, const std::vector<Host>& rows);
  void heard(PeerId id, Process& process);
  void on_deadline(PeerId id);
  void on_silence(PeerId id);
  // All parts have come: hosts that this incarnation did not name are down.
  void settle_registration(Process& process);
  HostStatus status_of(const Host& host) const;
  void send_statuses(PeerId scheduler, HostStatuses message, std::vector<HostStatus> statuses);
  // The schedulers, and who watches for hosts that go up or down.
  void tell(std::vector<HostStatus> changed);

  ControllerWorld& world_;
  std::function<void(const std::set<std::string>&)> on_hosts_down_;
  std::map<PeerId, Process> processes_;
  int64_t next_host_id_ = 1;
  std::vector<bool> told_up_;  // by host id: what watchers were told last
};

}  // namespace kilonova::controller
