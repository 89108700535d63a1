// SameHostFilter: a host of one of the servers that the hint same_host names. Nova:
// nova/scheduler/filters/affinity_filter.py.
#pragma once

#include <algorithm>

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class SameHostFilter final : public NamedHostsFilter {
 public:
  static constexpr std::string_view kName = "SameHostFilter";
  std::string_view name() const override { return kName; }
  bool concerns(const SchedulingRequest& request) const override { return !request.spec.hints.same_host.empty(); }
  bool host_passes(const HostState&, HostIndex index, const SchedulingRequest& request) const override {
    return !concerns(request) || std::ranges::binary_search(request.neighbours.same_host, index);
  }
  void name_hosts(const HostManager&, const SchedulingRequest& request, std::vector<HostIndex>& named) const override {
    named.insert(named.end(), request.neighbours.same_host.begin(), request.neighbours.same_host.end());
  }
  bool others_pass(const SchedulingRequest& request) const override { return !concerns(request); }
};

}  // namespace kilonova::scheduler
