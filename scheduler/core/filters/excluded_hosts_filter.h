// ExcludedHostsFilter: not a host that this launch tried before (Nova: RequestSpec.ignore_hosts), nor one whose compute
// process no cast reaches. Always on, with every driver.
#pragma once

#include <algorithm>

#include "scheduler/core/filters/filter.h"

namespace kilonova::scheduler {

class ExcludedHostsFilter final : public EachHostFilter {
 public:
  std::string_view name() const override { return "ExcludedHostsFilter"; }
  bool applies(const SchedulingRequest& request) const override {
    return !request.excluded.empty() || !request.unreachable.empty();
  }
  bool host_passes(const HostState& host, HostIndex index, const SchedulingRequest& request) const override {
    if (std::binary_search(request.excluded.begin(), request.excluded.end(), index)) return false;
    return std::find(request.unreachable.begin(), request.unreachable.end(), host.process) == request.unreachable.end();
  }
};

}  // namespace kilonova::scheduler
