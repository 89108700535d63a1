// Nova: nova/scheduler/filters/io_ops_filter.py.
#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

PythonResult<bool> io_ops_filter(const HostState& host, const RequestSpec&, const Options& options) {
  return host.num_io_ops < options.max_io_ops_per_host;
}

}  // namespace kilonova::scheduler::nova
