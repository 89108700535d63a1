// Nova: nova/scheduler/filters/num_instances_filter.py.
#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/python_values.h"

namespace kilonova::scheduler::nova {

PythonResult<bool> aggregate_num_instances_filter(const HostState& host, const RequestSpec&, const Options& options) {
  return host.num_instances <
         least_of_aggregates(host.aggregates, "max_instances_per_host", options.max_instances_per_host, python_int);
}

}  // namespace kilonova::scheduler::nova
