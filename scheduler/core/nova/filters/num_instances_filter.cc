// Nova: nova/scheduler/filters/num_instances_filter.py.
#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

PythonResult<bool> num_instances_filter(const HostState& host, const RequestSpec&, const Options& options) {
  return host.num_instances < options.max_instances_per_host;
}

}  // namespace kilonova::scheduler::nova
