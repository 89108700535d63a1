// Nova: nova/scheduler/filters/aggregate_multitenancy_isolation.py.
#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

// A host in an aggregate that names projects is for these projects alone.
PythonResult<bool> aggregate_multi_tenancy_isolation(const HostState& host, const RequestSpec& spec, const Options&) {
  const auto projects = aggregate_metadata_of_key(host.aggregates, "filter_tenant_id");
  return projects.empty() || projects.contains(spec.project_id);
}

}  // namespace kilonova::scheduler::nova
