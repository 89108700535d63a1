// ServerGroupSoftAffinityWeigher: how many servers of the group are on the host. Nova:
// nova/scheduler/weights/affinity.py.
#pragma once

#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

class ServerGroupSoftAffinityWeigher final : public NamedHostsWeigher {
 public:
  static constexpr std::string_view kName = "ServerGroupSoftAffinityWeigher";
  explicit ServerGroupSoftAffinityWeigher(const SchedulerOptions& options)
      : NamedHostsWeigher({options.soft_affinity_weight_multiplier, "soft_affinity_weight_multiplier"}) {}
  std::string_view name() const override { return kName; }
  bool concerns(const SchedulingRequest& request) const override {
    return request.neighbours.policy == GroupPolicy::kSoftAffinity;
  }
  double weigh_host(const HostState&, HostIndex index, const SchedulingRequest& request) const override {
    return concerns(request) ? static_cast<double>(request.neighbours.members_on(index)) : 0;
  }
  void name_hosts(const HostManager&, const SchedulingRequest& request, std::vector<HostIndex>& named) const override {
    if (!concerns(request)) return;
    for (const MembersOnHost& member : request.neighbours.members) named.push_back(member.host);
  }
  double others_raw(const SchedulingRequest&) const override { return 0; }
};

}  // namespace kilonova::scheduler
