// SchedulingRequest: one server to be placed, as drivers, filters and weighers see it; and what of it and of the hosts
// a filter or weigher may look at.
#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "domain/request_spec.h"
#include "domain/resources.h"
#include "scheduler/core/host_state.h"

namespace kilonova::scheduler {

struct MembersOnHost {
  HostIndex host = kNoIndex;
  uint32_t count = 0;
  bool operator==(const MembersOnHost&) const = default;
};

// The other servers with regard to which one is placed: neighbours.h.
struct Neighbours {
  std::optional<GroupPolicy> policy;   // of its server group
  uint32_t max_server_per_host = 1;    // of kAntiAffinity
  std::vector<MembersOnHost> members;  // of the group but itself, ascending by host
  std::vector<HostIndex> same_host;    // where the servers of that hint are; ascending
  std::vector<HostIndex> different_host;

  uint32_t members_on(HostIndex host) const;
};

struct SchedulingRequest {
  const RequestSpec& spec;
  Resources amount;                 // resources_of(spec.flavor)
  std::vector<HostIndex> excluded;  // ascending: tried before
  std::vector<PeerId> unreachable;  // compute processes that no cast reaches now
  Neighbours neighbours = {};
};

// What a filter's verdict or a weigher's raw value hangs on. An index over the hosts can answer for many at once when
// it knows; each kind has a class of its own, whose functions are given no more than this to look at.
enum class Basis {
  kHost,        // the host alone, whatever is asked for
  kAttributes,  // the host's attributes and the request
  kNamedHosts,  // the request, which sets a few hosts apart: all others get the same
  kCapacity,    // fits() with the options' ratios; of filters only
  kEachHost,    // the request and the state of each host: no index can answer
};

}  // namespace kilonova::scheduler
