// Nova: nova/scheduler/weights/disk.py.
#include "scheduler/core/nova/weighers/weigher.h"

namespace kilonova::scheduler::nova {

PythonResult<PythonNumber> disk_weigher(const HostState& host, const RequestSpec&, const Options&) {
  return host.free_disk_mb;
}
}  // namespace kilonova::scheduler::nova
