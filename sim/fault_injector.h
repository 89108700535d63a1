// FaultInjector: lets a profile's faults strike a cloud at random times, drawn from the seed, and counts where they hit.
// When told to cease it mends everything: dead nodes start, cuts heal, disks take writes again.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/random.h"
#include "sim/cloud.h"
#include "sim/fault_profile.h"
#include "sim/strikes.h"

namespace kilonova::sim {

class FaultInjector {
 public:
  // The cloud outlives it.
  FaultInjector(SimCloud& cloud, FaultProfile profile);

  void start();
  void cease();
  uint64_t injected() const { return injected_; }
  const Strikes& strikes() const { return strikes_; }

 private:
  using Action = void (FaultInjector::*)(Duration lasts);

  void recur(const Recurring& recurring, Action action);
  Duration up_to(Duration limit);
  void after(Duration delay, void (FaultInjector::*mend)(PeerId), PeerId id);
  // Counts a fault that hits what these roles are doing now for every launch.
  void strike(std::string_view fault, std::initializer_list<Role> roles);
  PeerId pick(Role role, size_t count);
  void kill(PeerId id, Duration down);
  void revive(PeerId id);
  void mend_disk(PeerId id);
  MemoryDisk& disk_of(PeerId id);
  PeerId pick_disk();

  // Two nodes that talk with each other; nothing when chance named two that do not.
  std::optional<std::pair<PeerId, PeerId>> pick_link();

  void cut(Duration lasts);
  void clog(Duration lasts);
  void disconnect(Duration);
  void kill_controller(Duration down) { kill({Role::kController, 0}, down); }
  void kill_scheduler(Duration down) { kill(pick(Role::kScheduler, cloud_.schedulers().size()), down); }
  void kill_network(Duration down) { kill({Role::kNetwork, 0}, down); }
  void kill_compute(Duration down) { kill(pick(Role::kCompute, cloud_.computes().size()), down); }
  void kill_api(Duration down) { kill({Role::kApi, 0}, down); }
  void crash_host(Duration down);
  void cut_power(Duration down);
  void slow_daemon(Duration lasts);
  void fill_disk(Duration lasts);
  void refuse_once(Duration);
  void slow_disk(Duration lasts);
  void skew(Duration most);

  SimCloud& cloud_;
  FaultProfile profile_;
  Random random_;
  Strikes strikes_;
  uint64_t injected_ = 0;
  bool ceased_ = false;
};

}  // namespace kilonova::sim
