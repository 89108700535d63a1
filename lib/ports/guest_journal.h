// The simulated hypervisors' own memory, apart from nova-compute's, as libvirt's is: it outlives a crash of the compute
// process. One journal a process, all of its hosts. Called on the loop thread; calls return when the record would
// survive kill -9 of the process.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "domain/messages.h"
#include "domain/resources.h"
#include "domain/states.h"

namespace kilonova {

struct GuestRecord {
  std::string host;
  PlacementId placement;
  std::string name;
  Resources resources;
  PowerState power_state = PowerState::kNoState;
  bool built = false;  // guest_started was reached; of a server that moves here, guest_defined
  uint64_t shares_with = 0;  // the epoch that the server moves away from, 0 = it did not move here
  bool operator==(const GuestRecord&) const = default;
};

// What a host without power leaves of a guest: what was in memory is gone, whether it ran or was paused.
constexpr PowerState after_power_loss(PowerState power) {
  return power == PowerState::kRunning || power == PowerState::kPaused ? PowerState::kShutdown : power;
}

class GuestJournal {
 public:
  virtual ~GuestJournal() = default;
  // Once, before anything else: the guests as last recorded, by (host, instance). kDataLoss for a corrupt record that is
  // not the torn last one (that one is dropped).
  virtual Expected<std::vector<GuestRecord>> load() = 0;
  // Replaces what there is of (host, instance). kUnavailable when the disk refuses: nothing was recorded.
  virtual Expected<> put(const GuestRecord& record) = 0;
  virtual Expected<> erase(const std::string& host, const Uuid& instance) = 0;
  // What is recorded now, read back: at most `limit` guests behind (host, instance), by (host, instance).
  virtual Expected<std::vector<GuestRecord>> read(const std::string& host, const Uuid& instance, size_t limit) = 0;
};

}  // namespace kilonova
