// ServerGroupAffinityFilter: a host where the group is, once it is somewhere. Nova:
// nova/scheduler/filters/affinity_filter.py.
#pragma once

#include "scheduler/core/filters/filter.h"
#include "scheduler/core/neighbours.h"

namespace kilonova::scheduler {

class ServerGroupAffinityFilter final : public NamedHostsFilter {
 public:
  static constexpr std::string_view kName = "ServerGroupAffinityFilter";
  std::string_view name() const override { return kName; }
  bool concerns(const SchedulingRequest& request) const override {
    return request.neighbours.policy == GroupPolicy::kAffinity;
  }
  bool host_passes(const HostState&, HostIndex index, const SchedulingRequest& request) const override {
    return passes_affinity(request.neighbours, index);
  }
  void name_hosts(const HostManager&, const SchedulingRequest& request, std::vector<HostIndex>& named) const override {
    if (!concerns(request)) return;
    for (const MembersOnHost& member : request.neighbours.members) named.push_back(member.host);
  }
  bool others_pass(const SchedulingRequest& request) const override {
    return passes_affinity(request.neighbours, kNoIndex);
  }
};

}  // namespace kilonova::scheduler
