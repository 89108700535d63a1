// EnabledFilter: no operator disabled the host. The other half of Nova's ComputeFilter.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class EnabledFilter final : public Filter {
 public:
  std::string_view name() const override { return "EnabledFilter"; }
  FilterBasis basis() const override { return FilterBasis::kHost; }
  bool host_passes(const HostState& host, HostIndex, const SchedulingRequest&) const override { return host.enabled; }
};

}  // namespace kilonova::scheduler
