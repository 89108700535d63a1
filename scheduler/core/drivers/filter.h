// FilterDriver: filter, weigh, take the best, or one of the best host_subset_size at random. Nova:
// nova/scheduler/manager.py, SchedulerManager._get_sorted_hosts.
#pragma once

#include "scheduler/core/drivers/driver.h"
#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

class FilterDriver final : public Driver {
 public:
  explicit FilterDriver(const SchedulerOptions& options);
  std::string_view name() const override { return "filter"; }
  std::vector<HostIndex> select_hosts(const HostManager& hosts, const SchedulingRequest& request, size_t wanted,
                                      Random& random, Decision& decision) const override;

 private:
  Filters filters_;
  Weighers weighers_;
  size_t host_subset_size_;
};

}  // namespace kilonova::scheduler
