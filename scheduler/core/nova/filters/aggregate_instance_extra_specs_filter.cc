// Nova: nova/scheduler/filters/aggregate_instance_extra_specs.py.
#include "scheduler/core/nova/aggregates_meet_extra_specs.h"
#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

PythonResult<bool> aggregate_instance_extra_specs_filter(const HostState& host, const RequestSpec& spec,
                                                         const Options&) {
  return aggregates_meet_extra_specs(host.aggregates, spec.flavor.extra_specs);
}

}  // namespace kilonova::scheduler::nova
