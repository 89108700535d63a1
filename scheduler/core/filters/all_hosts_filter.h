// AllHostsFilter: any host. Nova: nova/scheduler/filters/all_hosts_filter.py.
#pragma once

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class AllHostsFilter final : public HostFilter {
 public:
  static constexpr std::string_view kName = "AllHostsFilter";
  std::string_view name() const override { return kName; }
  bool passes(const HostState&) const override { return true; }
};

}  // namespace kilonova::scheduler
