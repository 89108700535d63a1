// Why the last filter left no host, for administrators: by which resource, how much was asked, how much the most free
// host has.
#pragma once

#include <string>

#include "scheduler/core/host_manager.h"
#include "scheduler/core/options.h"
#include "scheduler/core/scheduling_request.h"

namespace kilonova::scheduler {

// A sentence that begins with a blank; "" when the filter's name says it all, or there are more hosts than are worth
// looking at (kHostsLookedAt) for a refusal. `decision` has the counts of the filters.
std::string explain_refusal(const HostManager& hosts, const SchedulingRequest& request, const SchedulerOptions& options,
                            const Decision& decision);

inline constexpr size_t kHostsLookedAt = 20'000;

}  // namespace kilonova::scheduler
