// Nova: nova/scheduler/weights/compute.py.
#include "scheduler/core/nova/weighers/weigher.h"

namespace kilonova::scheduler::nova {

// The multiplier is negative.
PythonResult<PythonNumber> build_failure_weigher(const HostState& host, const RequestSpec&, const Options&) {
  return host.failed_builds;
}
}  // namespace kilonova::scheduler::nova
