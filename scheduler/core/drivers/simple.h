// SimpleDriver: the host with the least vcpus in use, as long as they stay within max_cores. Bexar walked the hosts
// from the least loaded one and gave up at the first that would exceed max_cores, up or not: all after it would as
// well, so asking each host gives the same choice. A down host that is forced is tried, where Bexar answered
// WillNotSchedule.
#pragma once

#include "scheduler/core/drivers/article_filters.h"
#include "scheduler/core/drivers/driver.h"

namespace kilonova::scheduler {

class SimpleDriver final : public Driver {
 public:
  static constexpr std::string_view kName = "simple";
  explicit SimpleDriver(const SchedulerOptions& options);
  std::string_view name() const override { return kName; }
  std::vector<HostIndex> select_hosts(const HostManager& hosts, const SchedulingRequest& request, size_t wanted,
                                      Random& random, Decision& decision) const override;

 private:
  ArticleFilters filters_;
};

}  // namespace kilonova::scheduler
