// Nova: nova/scheduler/weights/affinity.py.
#include "scheduler/core/nova/members_on_host.h"
#include "scheduler/core/nova/weighers/weigher.h"

namespace kilonova::scheduler::nova {

PythonResult<PythonNumber> server_group_soft_anti_affinity_weigher(const HostState& host, const RequestSpec& spec,
                                                                   const Options&) {
  if (!spec.instance_group || spec.instance_group->policy != "soft-anti-affinity") return int64_t{0};
  return -members_on_host(host, *spec.instance_group);
}
}  // namespace kilonova::scheduler::nova
