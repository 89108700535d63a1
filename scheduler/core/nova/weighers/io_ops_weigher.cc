// Nova: nova/scheduler/weights/io_ops.py.
#include "scheduler/core/nova/weighers/weigher.h"

namespace kilonova::scheduler::nova {

// The multiplier is negative.
PythonResult<PythonNumber> io_ops_weigher(const HostState& host, const RequestSpec&, const Options&) {
  return host.num_io_ops;
}
}  // namespace kilonova::scheduler::nova
