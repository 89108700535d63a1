// NumInstancesFilter: fewer instances than max_instances_per_host (0 = any number). Nova:
// nova/scheduler/filters/num_instances_filter.py.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class NumInstancesFilter final : public HostFilter {
 public:
  static constexpr std::string_view kName = "NumInstancesFilter";
  explicit NumInstancesFilter(const SchedulerOptions& options)
      : max_instances_(options.max_instances_per_host == 0 ? UINT32_MAX : options.max_instances_per_host) {}
  std::string_view name() const override { return kName; }
  bool passes(const HostState& host) const override { return host.instances() < max_instances_; }

 private:
  uint32_t max_instances_;
};

}  // namespace kilonova::scheduler
