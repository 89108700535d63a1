// Nova: nova/scheduler/weights/ram.py.
#include "scheduler/core/nova/weighers/weigher.h"

namespace kilonova::scheduler::nova {

PythonResult<PythonNumber> ram_weigher(const HostState& host, const RequestSpec&, const Options&) {
  return host.free_ram_mb;
}
}  // namespace kilonova::scheduler::nova
