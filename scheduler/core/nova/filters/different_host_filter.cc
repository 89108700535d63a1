// Nova: nova/scheduler/filters/affinity_filter.py.
#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/nova/filters/hinted_instances.h"

namespace kilonova::scheduler::nova {

PythonResult<bool> different_host_filter(const HostState& host, const RequestSpec& spec, const Options&) {
  return !has_hinted_instance(host, spec, "different_host").value_or(false);
}

}  // namespace kilonova::scheduler::nova
