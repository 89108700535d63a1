// ZoneDriver: driver chance among the hosts of the zone asked for; without a zone, among all.
#pragma once

#include "scheduler/core/drivers/article_filters.h"
#include "scheduler/core/drivers/driver.h"

namespace kilonova::scheduler {

class ZoneDriver final : public Driver {
 public:
  static constexpr std::string_view kName = "zone";
  explicit ZoneDriver(const SchedulerOptions& options);
  std::string_view name() const override { return kName; }
  std::vector<HostIndex> select_hosts(const HostManager& hosts, const SchedulingRequest& request, size_t wanted,
                                      Random& random, Decision& decision) const override;

 private:
  ArticleFilters filters_;
};

}  // namespace kilonova::scheduler
