// Which hosts a cast leaves out from the start.
#pragma once

#include <string>
#include <vector>

#include "scheduler/core/host_manager.h"

namespace kilonova::scheduler {

// Ascending. Where one host is asked for that is all but this one.
std::vector<HostIndex> excluded_by(const HostManager& hosts, const std::string& requested_host,
                                   const std::vector<std::string>& excluded_hosts);

}  // namespace kilonova::scheduler
