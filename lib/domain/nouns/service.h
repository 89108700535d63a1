// Services: the daemons as the controller sees them, and the cloud as a whole.
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

namespace kilonova {

struct ServiceView {
  PeerId peer;
  Incarnation incarnation = 0;
  bool connected = false;
  WallTime connected_since;
  WallTime last_seen;
  uint64_t hosts = 0;  // compute only
  bool operator==(const ServiceView&) const = default;
};
struct ServiceList {
  std::vector<ServiceView> services;  // by role, then index
  bool operator==(const ServiceList&) const = default;
};
// To admins of the whole cloud; to others of their project's servers, and nothing of the hosts.
struct CloudStatus {
  uint64_t servers = 0;
  uint64_t active = 0;
  uint64_t building = 0;
  uint64_t error = 0;
  uint64_t hosts = 0;
  uint64_t hosts_up = 0;
  uint64_t revision = 0;
  uint64_t claim_conflicts = 0;  // claims that hosts refused, since the controller started
  // Of the schedulers, as the one heard last says; 0 = none was heard yet.
  double cpu_allocation_ratio = 0;
  double ram_allocation_ratio = 0;
  double disk_allocation_ratio = 0;
  bool operator==(const CloudStatus&) const = default;
};

struct ListServices {
  static constexpr Operation kOperation{"ListServices", UserRole::kAdmin, Effect::kReads};
  using Reply = ServiceList;

  Expected<> check() const;
  bool operator==(const ListServices&) const = default;
};

struct GetCloudStatus {
  static constexpr Operation kOperation{"GetCloudStatus", UserRole::kReader, Effect::kReads};
  using Reply = CloudStatus;

  Expected<> check() const;
  bool operator==(const GetCloudStatus&) const = default;
};

using ServiceOperations = TypeList<ListServices, GetCloudStatus>;

}  // namespace kilonova
