// NumInstancesFilter: fewer instances than max_instances_per_host. Nova:
// nova/scheduler/filters/num_instances_filter.py.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class NumInstancesFilter final : public Filter {
 public:
  explicit NumInstancesFilter(uint32_t max_instances) : max_instances_(max_instances) {}
  std::string_view name() const override { return "NumInstancesFilter"; }
  FilterBasis basis() const override { return FilterBasis::kHost; }
  bool host_passes(const HostState& host, HostIndex, const SchedulingRequest&) const override {
    return host.instances() < max_instances_;
  }

 private:
  uint32_t max_instances_;
};

}  // namespace kilonova::scheduler
