#include "scheduler/core/drivers/filter.h"

#include <algorithm>

namespace kilonova::scheduler {

FilterDriver::FilterDriver(const SchedulerOptions& options)
    : weighers_(make_weighers(options)), host_subset_size_(options.host_subset_size) {
  const auto& enabled = options.enabled_filters;
  for (const std::string& name : enabled) filters_.push_back(make_filter(name, options));
  bool named = std::find(enabled.begin(), enabled.end(), "NumInstancesFilter") != enabled.end();
  if (options.max_instances_per_host > 0 && !named) filters_.push_back(make_filter("NumInstancesFilter", options));
}

std::vector<HostIndex> FilterDriver::select_hosts(const HostManager& hosts, const SchedulingRequest& request,
                                                  size_t wanted, Random& random, Decision& decision) const {
  std::vector<HostIndex> filtered = get_filtered_hosts(hosts, filters_, request, decision);
  auto ranked = get_weighed_hosts(hosts, filtered, weighers_, std::max(wanted, host_subset_size_), decision);
  std::vector<HostIndex> best;
  best.reserve(ranked.size());
  for (const RankedHost& host : ranked) best.push_back(host.host);
  if (host_subset_size_ > 1 && best.size() > 1) {
    auto chosen = best.begin() + static_cast<ptrdiff_t>(random.below(std::min(host_subset_size_, best.size())));
    std::rotate(best.begin(), chosen, chosen + 1);
  }
  if (best.size() > wanted) best.resize(wanted);
  return best;
}

}  // namespace kilonova::scheduler
