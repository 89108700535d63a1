// How many instances of a group a host has.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>

#include "scheduler/core/nova/host_state.h"
#include "scheduler/core/nova/request_spec.h"

namespace kilonova::scheduler::nova {

inline int64_t members_on_host(const HostState& host, const InstanceGroup& group) {
  std::set<std::string_view> found;  // a member may be named twice
  for (const std::string& member : group.members)
    if (host.instances.contains(member)) found.insert(member);
  return static_cast<int64_t>(found.size());
}

}  // namespace kilonova::scheduler::nova
