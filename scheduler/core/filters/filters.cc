#include <array>

#include "scheduler/core/filters/aggregate_instance_extra_specs_filter.h"
#include "scheduler/core/filters/aggregate_multi_tenancy_isolation.h"
#include "scheduler/core/filters/aggregate_num_instances_filter.h"
#include "scheduler/core/filters/aggregate_type_affinity_filter.h"
#include "scheduler/core/filters/all_hosts_filter.h"
#include "scheduler/core/filters/availability_zone_filter.h"
#include "scheduler/core/filters/capacity_filter.h"
#include "scheduler/core/filters/compute_filter.h"
#include "scheduler/core/filters/different_host_filter.h"
#include "scheduler/core/filters/enabled_filter.h"
#include "scheduler/core/filters/excluded_hosts_filter.h"
#include "scheduler/core/filters/filter.h"
#include "scheduler/core/filters/max_cores_filter.h"
#include "scheduler/core/filters/num_instances_filter.h"
#include "scheduler/core/filters/same_host_filter.h"
#include "scheduler/core/filters/server_group_affinity_filter.h"
#include "scheduler/core/filters/server_group_anti_affinity_filter.h"
#include "scheduler/core/filters/up_filter.h"
#include "scheduler/core/registry.h"

namespace kilonova::scheduler {

namespace {

constexpr auto kFilters = std::to_array<Row<Filter>>({
    row_of<Filter, UpFilter>(),
    row_of<Filter, EnabledFilter>(),
    row_of<Filter, AvailabilityZoneFilter>(),
    row_of<Filter, CapacityFilter>(),
    row_of<Filter, NumInstancesFilter>(),
    row_of<Filter, MaxCoresFilter>(),
    row_of<Filter, AggregateInstanceExtraSpecsFilter>(),
    row_of<Filter, AggregateMultiTenancyIsolation>(),
    row_of<Filter, AggregateNumInstancesFilter>(),
    row_of<Filter, AggregateTypeAffinityFilter>(),
    row_of<Filter, AllHostsFilter>(),
    row_of<Filter, ComputeFilter>(),
    row_of<Filter, ServerGroupAntiAffinityFilter>(),
    row_of<Filter, ServerGroupAffinityFilter>(),
    row_of<Filter, SameHostFilter>(),
    row_of<Filter, DifferentHostFilter>(),
});
static_assert(names_differ<Filter>(kFilters));

// host_passes(), without the second of two virtual calls for filters that are asked of every host.
bool passes(const Filter& filter, const HostState& host, HostIndex index, const SchedulingRequest& request) {
  switch (filter.basis()) {
    case Basis::kHost: return static_cast<const HostFilter&>(filter).passes(host);
    case Basis::kAttributes: return static_cast<const AttributesFilter&>(filter).passes(*host.attributes, request);
    default: return filter.host_passes(host, index, request);
  }
}

// How many of them it passes before the first that it does not.
size_t count_passed(const HostState& host, HostIndex index, std::span<const std::unique_ptr<Filter>> filters,
                    const SchedulingRequest& request) {
  size_t filter = 0;
  while (filter < filters.size() && passes(*filters[filter], host, index, request)) ++filter;
  return filter;
}

}  // namespace

const std::vector<std::string_view>& filter_names() {
  static const std::vector<std::string_view> names = names_of<Filter>(kFilters);
  return names;
}

std::unique_ptr<Filter> make_filter(std::string_view name, const SchedulerOptions& options) {
  return make_from<Filter>(kFilters, name, options);
}

void note_filter_counts(uint32_t candidates, uint32_t not_excluded, std::span<const std::unique_ptr<Filter>> filters,
                        std::span<const uint32_t> passed, const SchedulingRequest& request, Decision& decision) {
  decision.hosts_total = candidates;
  uint32_t remaining = candidates;
  auto count = [&](std::string_view name, uint32_t hosts_left) {
    if (remaining == 0) return;
    decision.filters.push_back({std::string(name), hosts_left});
    remaining = hosts_left;
  };
  if (not_excluded != candidates) count(ExcludedHostsFilter().name(), not_excluded);
  for (size_t i = 0; i < filters.size(); ++i)
    if (filters[i]->concerns(request)) count(filters[i]->name(), passed[i]);
}

std::string_view left_out_by(const HostState& host, HostIndex index, std::span<const std::unique_ptr<Filter>> filters,
                             const SchedulingRequest& request) {
  const ExcludedHostsFilter excluded_hosts;
  if (!excluded_hosts.host_passes(host, index, request)) return excluded_hosts.name();
  const size_t passed = count_passed(host, index, filters, request);
  return passed == filters.size() ? std::string_view() : filters[passed]->name();
}

std::vector<HostIndex> get_filtered_hosts(const HostManager& hosts, std::span<const std::unique_ptr<Filter>> filters,
                                          const SchedulingRequest& request, Decision& decision) {
  const ExcludedHostsFilter excluded_hosts;
  std::vector<HostIndex> left;
  std::vector<uint32_t> passed(filters.size());
  uint32_t candidates = 0, not_excluded = 0;
  // Host by host, not filter by filter: one pass over the hosts gives the same counts.
  for (HostIndex index : hosts.registered()) {
    const HostState& host = hosts.host(index);
    if (!host.is_candidate()) continue;
    ++candidates;
    if (!excluded_hosts.host_passes(host, index, request)) continue;
    ++not_excluded;
    const size_t by_host = count_passed(host, index, filters, request);
    for (size_t filter = 0; filter < by_host; ++filter) ++passed[filter];
    if (by_host == filters.size()) left.push_back(index);
  }
  note_filter_counts(candidates, not_excluded, filters, passed, request, decision);
  return left;
}

}  // namespace kilonova::scheduler
