// Nova: nova/scheduler/weights/cpu.py.
#include "scheduler/core/nova/weighers/weigher.h"

namespace kilonova::scheduler::nova {

PythonResult<PythonNumber> cpu_weigher(const HostState& host, const RequestSpec&, const Options&) {
#pragma clang fp contract(off)  // no fused multiply-add: the same number on every machine
  if (!host.cpu_allocation_ratio) return raise("TypeError", "unsupported operand type(s) for *: 'int' and 'NoneType'");
  return static_cast<double>(host.vcpus_total) * *host.cpu_allocation_ratio - static_cast<double>(host.vcpus_used);
}
}  // namespace kilonova::scheduler::nova
