// Nova: nova/scheduler/filters/affinity_filter.py.
#include <algorithm>

#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

// A group that has no host yet may begin anywhere.
PythonResult<bool> server_group_affinity_filter(const HostState& host, const RequestSpec& spec, const Options&) {
  if (!spec.instance_group || spec.instance_group->policy != "affinity") return true;
  const std::vector<std::string>& hosts = spec.instance_group->hosts;
  return hosts.empty() || std::ranges::count(hosts, host.host) > 0;
}

}  // namespace kilonova::scheduler::nova
