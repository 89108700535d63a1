// UpFilter: the controller hears the host's heartbeats. One half of Nova's ComputeFilter.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class UpFilter final : public HostFilter {
 public:
  static constexpr std::string_view kName = "UpFilter";
  std::string_view name() const override { return kName; }
  bool passes(const HostState& host) const override { return host.up; }
};

}  // namespace kilonova::scheduler
