// DifferentHostFilter: no host of a server that the hint different_host names. Nova:
// nova/scheduler/filters/affinity_filter.py.
#pragma once

#include <algorithm>

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class DifferentHostFilter final : public NamedHostsFilter {
 public:
  static constexpr std::string_view kName = "DifferentHostFilter";
  std::string_view name() const override { return kName; }
  bool concerns(const SchedulingRequest& request) const override { return !request.spec.hints.different_host.empty(); }
  bool host_passes(const HostState&, HostIndex index, const SchedulingRequest& request) const override {
    return !std::ranges::binary_search(request.neighbours.different_host, index);
  }
  void name_hosts(const HostManager&, const SchedulingRequest& request, std::vector<HostIndex>& named) const override {
    named.insert(named.end(), request.neighbours.different_host.begin(), request.neighbours.different_host.end());
  }
  bool others_pass(const SchedulingRequest&) const override { return true; }
};

}  // namespace kilonova::scheduler
