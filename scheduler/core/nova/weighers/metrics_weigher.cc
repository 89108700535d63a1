// Nova: nova/scheduler/weights/metrics.py.
#include <fmt/format.h>

#include <algorithm>

#include "scheduler/core/nova/weighers/weigher.h"

namespace kilonova::scheduler::nova {

// The sum of value times ratio. Of two metrics of one name the last counts.
PythonResult<PythonNumber> metrics_weigher(const HostState& host, const RequestSpec&, const Options& options) {
#pragma clang fp contract(off)  // no fused multiply-add: the same sums on every machine
  static const std::vector<Metric> none;
  const std::vector<Metric>& metrics = host.metrics ? *host.metrics : none;
  double sum = 0;
  for (const auto& [name, ratio] : options.metrics_weight_setting) {
    const auto metric = std::find_if(metrics.rbegin(), metrics.rend(), [&](const Metric& m) { return m.name == name; });
    if (metric != metrics.rend()) {
      sum += static_cast<double>(metric->value) * ratio;
    } else if (options.metrics_required) {
      return raise(
          "ComputeHostMetricNotFound",
          fmt::format("Metric {} could not be found on the compute host node {}.{}.", name, host.host, host.nodename));
    } else if (ratio * weight_multiplier(*find_weigher("MetricsWeigher"), host, options) != 0) {
      return options.metrics_weight_of_unavailable;
    }
  }
  return sum;
}
}  // namespace kilonova::scheduler::nova
