// Nova: nova/scheduler/filters/pci_passthrough_filter.py.
#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

PythonResult<bool> pci_passthrough_filter(const HostState& host, const RequestSpec& spec, const Options&) {
  return spec.pci_requests.empty() || (host.pci_stats && host.pci_stats->support_requests(spec.pci_requests));
}

}  // namespace kilonova::scheduler::nova
