// ChanceDriver: any host that is up and enabled, all alike; it looks at neither capacity nor zone. Bexar's default.
#pragma once

#include "scheduler/core/drivers/article_filters.h"
#include "scheduler/core/drivers/driver.h"

namespace kilonova::scheduler {

class ChanceDriver final : public Driver {
 public:
  static constexpr std::string_view kName = "chance";
  explicit ChanceDriver(const SchedulerOptions& options);
  std::string_view name() const override { return kName; }
  std::vector<HostIndex> select_hosts(const HostManager& hosts, const SchedulingRequest& request, size_t wanted,
                                      Random& random, Decision& decision) const override;

 private:
  ArticleFilters filters_;
};

}  // namespace kilonova::scheduler
