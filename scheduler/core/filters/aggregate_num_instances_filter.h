// AggregateNumInstancesFilter: fewer instances than the least max_instances_per_host that the host's aggregates say, or
// than the option (0 = any number). Nova: nova/scheduler/filters/num_instances_filter.py.
#pragma once

#include <cstdint>
#include <limits>

#include "scheduler/core/filters/filter.h"
#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/python_values.h"

namespace kilonova::scheduler {

class AggregateNumInstancesFilter final : public HostFilter {
 public:
  static constexpr std::string_view kName = "AggregateNumInstancesFilter";
  explicit AggregateNumInstancesFilter(const SchedulerOptions& options)
      : max_instances_(options.max_instances_per_host == 0 ? std::numeric_limits<int64_t>::max()
                                                           : options.max_instances_per_host) {}
  std::string_view name() const override { return kName; }
  bool passes(const HostState& host) const override {
    return static_cast<int64_t>(host.instances()) <
           nova::least_of_aggregates(host.attributes->aggregates, "max_instances_per_host", max_instances_, python_int);
  }

 private:
  int64_t max_instances_;
};

}  // namespace kilonova::scheduler
