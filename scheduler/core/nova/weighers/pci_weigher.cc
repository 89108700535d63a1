// Nova: nova/scheduler/weights/pci.py.
#include <algorithm>

#include "scheduler/core/nova/weighers/weigher.h"

namespace kilonova::scheduler::nova {

// Hosts with few devices first, so that those with many are left for who asks for devices.
PythonResult<PythonNumber> pci_weigher(const HostState& host, const RequestSpec&, const Options&) {
  constexpr int64_t kMaxDevices = 100;
  const int64_t free = host.pci_stats ? host.pci_stats->devices() : 0;
  return kMaxDevices - std::min(free, kMaxDevices - 1);
}
}  // namespace kilonova::scheduler::nova
