// Hosts: the simulated hypervisors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/operation.h"
#include "domain/record.h"
#include "domain/resources.h"

namespace kilonova {

// A simulated hypervisor as it registered. `id` is the registration order, the scheduler's tie-breaker.
struct Host {
  static constexpr Record kRecord{"hosts", "id", "host"};
  int64_t key() const { return id; }

  int64_t id = 0;
  std::string name;  // unique
  std::string zone = "nova";
  Resources total;
  PeerId process;  // the compute process that carries it
  bool enabled = true;
  std::string disabled_reason;
  WallTime created_at;
  bool forced_down = false;  // an administrator says that it is down, whatever its process says
  bool operator==(const Host&) const = default;
};

template <class Io, RowOf<Host> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.name, row.zone, row.total.vcpus, row.total.memory_mb, row.total.disk_gb, row.process.role,
     row.process.index, row.enabled, row.disabled_reason, row.created_at, row.forced_down);
}

struct HostView {
  Host host;
  Resources used;  // by the controller's allocations
  uint32_t instances = 0;
  bool up = false;
  WallTime last_seen;
  bool operator==(const HostView&) const = default;
};
struct HostList {
  std::vector<HostView> hosts;  // by name
  bool more = false;
  bool operator==(const HostList&) const = default;
};

struct ListHosts {
  static constexpr Operation kOperation{"ListHosts", UserRole::kAdmin, Effect::kReads};
  using Reply = HostList;
  std::string host;
  uint32_t limit = kMaxPageSize;
  std::string marker;  // name of the last one of the page before
  std::vector<std::string> hosts = {};  // these alone, of those that there are; empty = all

  Expected<> check() const;
  bool operator==(const ListHosts&) const = default;
};

struct SetHostEnabled {
  static constexpr Operation kOperation{"SetHostEnabled", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string host;
  bool enabled = true;
  std::string reason;

  Expected<> check() const;
  bool operator==(const SetHostEnabled&) const = default;
};

// Nova's forced_down: what was being built there is built elsewhere, and its servers can be evacuated.
struct SetHostForcedDown {
  static constexpr Operation kOperation{"SetHostForcedDown", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string host;
  bool forced_down = true;

  Expected<> check() const;
  bool operator==(const SetHostForcedDown&) const = default;
};

// Takes the power from a simulated hypervisor, or gives it back: its guests are off, its compute process lives on.
struct SetHostPower {
  static constexpr Operation kOperation{"SetHostPower", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string host;
  bool on = true;

  Expected<> check() const;
  bool operator==(const SetHostPower&) const = default;
};

// As Nova's compute service: kConflict while servers are there or move from or to it. It leaves its aggregates, and is unknown until
// its compute process starts anew, which registers it again.
struct DeleteHost {
  static constexpr Operation kOperation{"DeleteHost", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  std::string host;

  Expected<> check() const;
  bool operator==(const DeleteHost&) const = default;
};

using HostOperations = TypeList<ListHosts, SetHostEnabled, SetHostForcedDown, SetHostPower, DeleteHost>;

}  // namespace kilonova
