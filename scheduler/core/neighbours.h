// The servers that one is placed beside or apart from: where the controller says that they are, and where this
// scheduler has cast them meanwhile. Rules after nova/scheduler/filters/affinity_filter.py. Pure.
#pragma once

#include "domain/messages.h"
#include "scheduler/core/host_manager.h"
#include "scheduler/core/scheduling_request.h"

namespace kilonova::scheduler {

// Of this server of the cast; those of the cast that were placed before it count too.
Neighbours find_neighbours(const HostManager& hosts, const SelectDestinations& cast, const Uuid& instance);

// Nova's ServerGroupAntiAffinityFilter and ServerGroupAffinityFilter: true for all hosts without such a policy.
bool passes_anti_affinity(const Neighbours& neighbours, HostIndex host);
bool passes_affinity(const Neighbours& neighbours, HostIndex host);

}  // namespace kilonova::scheduler
