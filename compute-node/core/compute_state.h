// ComputeState: everything a compute process remembers, and the ports its flows await. Owned by ComputeCore, which
// decides; its flows (instance_build.h, instance_removal.h, host_actions.h) work on it. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash_map.h"
#include "base/random.h"
#include "compute-node/core/address_releases.h"
#include "compute-node/core/hypervisor.h"
#include "compute-node/core/image_cache.h"
#include "compute-node/core/instance_table.h"
#include "compute-node/core/options.h"
#include "compute-node/core/resource_tracker.h"
#include "compute-node/core/step_gates.h"
#include "compute-node/core/usage_publisher.h"
#include "ports/caller.h"
#include "ports/guest_journal.h"
#include "ports/log.h"
#include "ports/struck.h"
#include "ports/transport.h"
#include "runtime/keyed_lock.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"

namespace kilonova::compute {

inline constexpr PeerId kController{Role::kController, 0};

// What a compute process needs of the world. All that is referred to outlives the core.
struct ComputePorts {
  Loop& loop;
  Transport& transport;
  Log& log;
  GuestJournal& journal;
  Hypervisor& hypervisor;
  Random random;
};

struct ComputeHost {
  std::string name;
  std::string zone;
  bool refused = false;               // by the controller: another process carries it
  bool deleted = false;               // by an administrator: not registered any more in this life of the process
  bool refusal_told = false;          // in the log, once for each life of the controller
  bool down = false;                  // crashed: it does and says nothing until it is started
  std::unique_ptr<Semaphore> builds;  // made for its first build

  bool is_not_ours() const { return refused || deleted; }
};

class ComputeState {
 public:
  ComputeState(ComputePorts ports, ComputeOptions options, std::vector<HostInfo> infos);
  ComputeState(const ComputeState&) = delete;
  ComputeState& operator=(const ComputeState&) = delete;

  std::optional<uint32_t> find_host(std::string_view name) const;
  const std::string& host_name(uint32_t host) const { return hosts[host].name; }
  // Nothing when builds are not limited.
  Semaphore* build_slots(uint32_t host);

  // The journal's record of a guest as it is now, with the given state.
  GuestRecord record_of(const HostInstance& key, const Guest& guest, PowerState power_state, bool built) const;
  // Destroys the host's guest of this server, if there is one of that epoch or an older one: disks, journal record,
  // claim. Goes on until the journal takes it. The caller holds the instance's lock.
  Task<void> destroy_guest(HostInstance key, uint64_t up_to_epoch);

  // Until the host has the image. Several that want one image on one host wait for a single download.
  Task<void> fetch_image(uint32_t host, ImageRef image);

  // Sends a terminal report and keeps it until it is answered; ends the build.
  void send_terminal_report(const HostInstance& key, InstanceReport report);
  // Again, those sent at least so long ago.
  void resend_reports(Duration unanswered_for);
  void forget_if_idle(HostInstance key) { table.forget_if_idle(key, ports.loop.now()); }

  const ComputePorts ports;
  const ComputeOptions options;
  const std::string daemon;  // "compute-0"
  std::vector<ComputeHost> hosts;
  Random random;
  Incarnation network_incarnation = 0;  // of the network-controller as last heard

  UsagePublisher publisher;
  ResourceTracker tracker;
  ImageCache images;
  AddressReleases releases;
  InstanceTable table;
  KeyedLock<HostInstance, HostInstanceHash> instance_locks;
  Caller caller;
  AskedController faults;  // who decides of fault rules
  StepGates gates;

 private:
  HashMap<std::string_view, uint32_t> by_name_;
};

}  // namespace kilonova::compute
