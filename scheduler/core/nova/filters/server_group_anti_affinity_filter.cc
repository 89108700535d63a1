// Nova: nova/scheduler/filters/affinity_filter.py.
#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/nova/members_on_host.h"

namespace kilonova::scheduler::nova {

// The host where the instance is already passes: it may be checked for a move within it.
PythonResult<bool> server_group_anti_affinity_filter(const HostState& host, const RequestSpec& spec, const Options&) {
  if (!spec.instance_group || spec.instance_group->policy != "anti-affinity") return true;
  if (host.instances.contains(spec.instance_uuid)) return true;
  return members_on_host(host, *spec.instance_group) < spec.instance_group->max_server_per_host.value_or(1);
}

}  // namespace kilonova::scheduler::nova
