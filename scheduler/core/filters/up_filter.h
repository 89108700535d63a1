// UpFilter: the controller hears the host's heartbeats. One half of Nova's ComputeFilter.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class UpFilter final : public Filter {
 public:
  std::string_view name() const override { return "UpFilter"; }
  FilterBasis basis() const override { return FilterBasis::kHost; }
  bool host_passes(const HostState& host, HostIndex, const SchedulingRequest&) const override { return host.up; }
};

}  // namespace kilonova::scheduler
