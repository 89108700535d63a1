// Nova: nova/scheduler/filters/metrics_filter.py.
#include <algorithm>

#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

PythonResult<bool> metrics_filter(const HostState& host, const RequestSpec&, const Options& options) {
  if (!host.metrics) return raise("TypeError", "'NoneType' object is not iterable");
  return std::ranges::all_of(options.metrics_weight_setting, [&](const auto& setting) {
    return std::ranges::count(*host.metrics, setting.first, &Metric::name) > 0;
  });
}

}  // namespace kilonova::scheduler::nova
