// ComputeFilter: the controller hears the host's heartbeats, and no operator disabled it: UpFilter and EnabledFilter in
// one. Nova: nova/scheduler/filters/compute_filter.py.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class ComputeFilter final : public HostFilter {
 public:
  static constexpr std::string_view kName = "ComputeFilter";
  std::string_view name() const override { return kName; }
  bool passes(const HostState& host) const override { return host.enabled && host.up; }
};

}  // namespace kilonova::scheduler
