#include "scheduler/core/explain_refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scheduler/core/filters/capacity_filter.h"
#include "scheduler/core/filters/excluded_hosts_filter.h"
#include "scheduler/core/filters/filter.h"
#include "scheduler/core/filters/max_cores_filter.h"

namespace kilonova::scheduler {
namespace {

// The hosts that the filters before the last one let through.
std::vector<const HostState*> before_last(const HostManager& hosts, const SchedulingRequest& request,
                                          const SchedulerOptions& options, const Decision& decision) {
  Filters filters;
  for (size_t i = 0; i + 1 < decision.filters.size(); ++i)
    if (decision.filters[i].filter != ExcludedHostsFilter().name())
      filters.push_back(make_filter(decision.filters[i].filter, options));
  const ExcludedHostsFilter excluded;
  std::vector<const HostState*> left;
  for (HostIndex index : hosts.registered()) {
    const HostState& host = hosts.host(index);
    bool passes = host.is_candidate() && excluded.host_passes(host, index, request) &&
                  std::ranges::all_of(filters, [&](const auto& f) { return f->host_passes(host, index, request); });
    if (passes) left.push_back(&host);
  }
  return left;
}

// What one server may take of it: Placement's rule, as fits() has it.
int64_t free_of(int64_t total, double ratio, int64_t used) {
  return std::min(total, static_cast<int64_t>(std::floor(static_cast<double>(total) * ratio)) - used);
}

std::string ratio_text(double ratio) { return ratio == 1 ? "" : fmt::format(", ratio {}", ratio); }

std::string explain_capacity(const std::vector<const HostState*>& hosts, const Resources& asked,
                             const AllocationRatios& ratios) {
  struct Class {
    std::string_view unit;
    int64_t Resources::* amount;
    double ratio;
  };
  std::string missing, all;
  for (const Class& one :
       {Class{"vcpus", &Resources::vcpus, ratios.vcpus}, Class{"MiB of memory", &Resources::memory_mb, ratios.memory},
        Class{"GiB of disk", &Resources::disk_gb, ratios.disk}}) {
    int64_t most = 0;
    for (const HostState* host : hosts)
      most = std::max(most, free_of(host->total.*one.amount, one.ratio, host->used().*one.amount));
    const int64_t wanted = asked.*one.amount;
    std::string text = fmt::format("{} {} free (most free: {}{})", wanted, one.unit, most, ratio_text(one.ratio));
    if (wanted > most) missing += (missing.empty() ? "" : ", none ") + text;
    all += (all.empty() ? "" : ", ") + text;
  }
  if (!missing.empty()) return fmt::format(" No host has {}.", missing);
  return fmt::format(" Some hosts have each of these, none has all: {}.", all);
}

}  // namespace

std::string explain_refusal(const HostManager& hosts, const SchedulingRequest& request, const SchedulerOptions& options,
                            const Decision& decision) {
  if (decision.filters.empty() || decision.filters.back().hosts_left > 0) return {};
  const std::string& last = decision.filters.back().filter;
  if (last == MaxCoresFilter::kName)
    return fmt::format(" {} vcpus more would take each host above the {} of option max_cores.", request.amount.vcpus,
                       options.max_cores);
  if (last != CapacityFilter::kName || hosts.registered().size() > kHostsLookedAt) return {};
  return explain_capacity(before_last(hosts, request, options, decision), request.amount, options.ratios);
}

}  // namespace kilonova::scheduler
