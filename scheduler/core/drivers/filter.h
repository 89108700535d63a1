// FilterDriver: filter, weigh, take the best, or one of the best host_subset_size at random. Nova:
// nova/scheduler/manager.py, SchedulerManager._get_sorted_hosts. An index answers, exactly as asking every host would;
// every host is asked when the index does not serve the request (PlacementIndex::serves says when).
#pragma once

#include "scheduler/core/drivers/driver.h"
#include "scheduler/core/index/placement_index.h"
#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

class FilterDriver final : public Driver {
 public:
  static constexpr std::string_view kName = "filter";
  explicit FilterDriver(const SchedulerOptions& options);
  std::string_view name() const override { return kName; }
  std::vector<HostIndex> select_hosts(const HostManager& hosts, const SchedulingRequest& request, size_t wanted,
                                      Random& random, Decision& decision) const override;
  std::optional<std::vector<HostVerdict>> judge_hosts(const HostManager& hosts,
                                                      const SchedulingRequest& request) const override;

 private:
  std::vector<RankedHost> rank_hosts(const HostManager& hosts, const SchedulingRequest& request, size_t wanted,
                                     Decision& decision) const;

  Filters filters_;
  Weighers weighers_;
  size_t host_subset_size_;
  mutable PlacementIndex index_;  // a cache of the hosts
};

}  // namespace kilonova::scheduler
