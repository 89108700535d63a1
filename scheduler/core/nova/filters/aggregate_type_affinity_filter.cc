// Nova: nova/scheduler/filters/type_filter.py.
#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

// A host in an aggregate that names flavors is for these flavors alone.
PythonResult<bool> aggregate_type_affinity_filter(const HostState& host, const RequestSpec& spec, const Options&) {
  return aggregates_are_for(host.aggregates, "instance_type", spec.flavor.name);
}

}  // namespace kilonova::scheduler::nova
