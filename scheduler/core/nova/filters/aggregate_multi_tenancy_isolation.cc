// Nova: nova/scheduler/filters/aggregate_multitenancy_isolation.py.
#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

// A host in an aggregate that names projects is for these projects alone.
PythonResult<bool> aggregate_multi_tenancy_isolation(const HostState& host, const RequestSpec& spec, const Options&) {
  return aggregates_are_for(host.aggregates, "filter_tenant_id", spec.project_id);
}

}  // namespace kilonova::scheduler::nova
