#include "scheduler/core/drivers/filter.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "scheduler/core/filters/num_instances_filter.h"

namespace kilonova::scheduler {

namespace {

Filters filters_of(const SchedulerOptions& options) {
  const auto& enabled = options.enabled_filters;
  Filters filters;
  for (const std::string& name : enabled) filters.push_back(make_filter(name, options));
  bool named = std::find(enabled.begin(), enabled.end(), NumInstancesFilter::kName) != enabled.end();
  if (options.max_instances_per_host > 0 && !named) filters.push_back(std::make_unique<NumInstancesFilter>(options));
  return filters;
}

}  // namespace

FilterDriver::FilterDriver(const SchedulerOptions& options)
    : filters_(filters_of(options)),
      weighers_(make_weighers(options)),
      host_subset_size_(options.host_subset_size),
      index_(filters_, weighers_, options.ratios) {}

std::vector<RankedHost> FilterDriver::rank_hosts(const HostManager& hosts, const SchedulingRequest& request,
                                                 size_t wanted, Decision& decision) const {
  if (index_.serves(request)) return index_.select(hosts, request, wanted, decision);
  std::vector<HostIndex> filtered = get_filtered_hosts(hosts, filters_, request, decision);
  return get_weighed_hosts(hosts, filtered, weighers_, request, wanted, decision);
}

std::vector<HostIndex> FilterDriver::select_hosts(const HostManager& hosts, const SchedulingRequest& request,
                                                  size_t wanted, Random& random, Decision& decision) const {
  auto ranked = rank_hosts(hosts, request, std::max(wanted, host_subset_size_), decision);
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

// Without the index, which knows other hosts.
std::optional<std::vector<HostVerdict>> FilterDriver::judge_hosts(const HostManager& hosts,
                                                                  const SchedulingRequest& request) const {
  std::vector<HostIndex> passed;
  std::vector<HostVerdict> left_out;
  for (HostIndex index : hosts.registered()) {
    const HostState& host = hosts.host(index);
    if (!host.is_candidate()) continue;
    std::string_view filter = left_out_by(host, index, filters_, request);
    if (filter.empty()) {
      passed.push_back(index);
    } else {
      left_out.push_back({.host = host.name, .left_out_by = std::string(filter)});
    }
  }
  Decision decision;
  get_weighed_hosts(hosts, passed, weighers_, request, passed.size(), decision, passed.size());
  std::vector<HostVerdict> verdicts;
  verdicts.reserve(passed.size() + left_out.size());
  for (WeighedHost& host : decision.weighed)
    verdicts.push_back({.host = std::move(host.host), .weight = host.weight, .scores = std::move(host.scores)});
  std::ranges::move(left_out, std::back_inserter(verdicts));
  return verdicts;
}

}  // namespace kilonova::scheduler
