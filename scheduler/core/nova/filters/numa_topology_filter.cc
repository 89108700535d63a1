// Nova: nova/scheduler/filters/numa_topology_filter.py.
#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

// No host here has a topology, so that a request for one fits nowhere. As in Nova, a request without an image raises.
PythonResult<bool> numa_topology_filter(const HostState&, const RequestSpec& spec, const Options&) {
  if (!spec.image) return raise("AttributeError", "'NoneType' object has no attribute 'properties'");
  return spec.numa_cells == 0;
}

}  // namespace kilonova::scheduler::nova
