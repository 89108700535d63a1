// Nova: nova/scheduler/filters/io_ops_filter.py.
#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/python_values.h"

namespace kilonova::scheduler::nova {

PythonResult<bool> aggregate_io_ops_filter(const HostState& host, const RequestSpec&, const Options& options) {
  return host.num_io_ops <
         least_of_aggregates(host.aggregates, "max_io_ops_per_host", options.max_io_ops_per_host, python_int);
}

}  // namespace kilonova::scheduler::nova
