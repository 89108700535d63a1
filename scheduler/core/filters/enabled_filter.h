// EnabledFilter: no operator disabled the host. The other half of Nova's ComputeFilter.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class EnabledFilter final : public HostFilter {
 public:
  static constexpr std::string_view kName = "EnabledFilter";
  std::string_view name() const override { return kName; }
  bool passes(const HostState& host) const override { return host.enabled; }
};

}  // namespace kilonova::scheduler
