#include "sim/study/fleet_measures.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "base/check.h"

namespace kilonova::study {
namespace {

std::array<int64_t, kResourceCount> amounts(const Resources& resources) {
  return {resources.vcpus, resources.memory_mb, resources.disk_gb};
}

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

}  // namespace

FleetMeasures::FleetMeasures(const std::vector<Resources>& totals, const AllocationRatios& ratios,
                             const std::vector<Request>& requests)
    : ratios_(ratios) {
  KN_CHECK(!totals.empty(), "a fleet has a host");
  weigh_sizes(requests);
  const PerResource factors{ratios.vcpus, ratios.memory, ratios.disk};
  for (const Resources& total : totals) {
    Host host{.total = total, .used = {}, .capacity = {}, .stranded = {}};
    for (size_t r = 0; r < kResourceCount; ++r) {
      host.capacity[r] = static_cast<double>(amounts(total)[r]) * factors[r];
      capacity_[r] += host.capacity[r];
    }
    stale_.push_back(hosts_.size());
    hosts_.push_back(host);
  }
}

void FleetMeasures::weigh_sizes(const std::vector<Request>& requests) {
  std::map<std::array<int64_t, kResourceCount>, size_t> counts;
  for (const Request& request : requests) ++counts[amounts(request.amount)];
  std::vector<std::pair<size_t, std::array<int64_t, kResourceCount>>> by_count;
  for (const auto& [size, count] : counts) by_count.push_back({count, size});
  std::ranges::sort(by_count, std::greater());
  by_count.resize(std::min(by_count.size(), kMaxSizes));
  for (const auto& [count, size] : by_count) {
    const Resources amount{size[0], size[1], size[2]};
    sizes_.push_back({amount, static_cast<double>(count)});
    for (size_t r = 0; r < kResourceCount; ++r)
      if (amounts(amount)[r] > 0) asked_weight_[r] += static_cast<double>(count);
  }
}

void FleetMeasures::update(size_t host, const Resources& used, uint32_t instances) {
  Host& changed = hosts_[host];
  changed.used = used;
  changed.instances = instances;
  if (!std::exchange(changed.is_stale, true)) stale_.push_back(host);
}

PerResource FleetMeasures::stranded_on(const Host& host) const {
  PerResource unfit{};
  for (const Size& size : sizes_) {
    if (fits(host.total, ratios_, host.used, size.amount)) continue;
    for (size_t r = 0; r < kResourceCount; ++r)
      if (amounts(size.amount)[r] > 0) unfit[r] += size.weight;
  }
  PerResource stranded{};
  for (size_t r = 0; r < kResourceCount; ++r) {
    const double free = std::max(0.0, host.capacity[r] - static_cast<double>(amounts(host.used)[r]));
    stranded[r] = free * share(unfit[r], asked_weight_[r]);
  }
  return stranded;
}

// Sums are made anew each time: what is added and taken away again leaves a remainder.
FleetReading FleetMeasures::read() {
  for (size_t index : std::exchange(stale_, {})) {
    hosts_[index].stranded = stranded_on(hosts_[index]);
    hosts_[index].is_stale = false;
  }
  PerResource used{}, stranded{}, in_use_capacity{};
  size_t empty = 0;
  for (const Host& host : hosts_) {
    if (host.instances == 0) ++empty;
    for (size_t r = 0; r < kResourceCount; ++r) {
      used[r] += static_cast<double>(amounts(host.used)[r]);
      stranded[r] += host.stranded[r];
      if (host.instances > 0) in_use_capacity[r] += host.capacity[r];
    }
  }
  FleetReading reading;
  for (size_t r = 0; r < kResourceCount; ++r) {
    reading.allocated[r] = share(used[r], capacity_[r]);
    reading.packing[r] = share(used[r], in_use_capacity[r]);
    reading.stranded[r] = share(stranded[r], capacity_[r]);
  }
  reading.empty_hosts = share(static_cast<double>(empty), static_cast<double>(hosts_.size()));
  return reading;
}

}  // namespace kilonova::study
