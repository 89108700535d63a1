#include <algorithm>

#include "scheduler/core/weighers/cpu_weigher.h"
#include "scheduler/core/weighers/disk_weigher.h"
#include "scheduler/core/weighers/ram_weigher.h"
#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

Weighers make_weighers(const SchedulerOptions& options) {
  Weighers weighers;
  weighers.push_back(std::make_unique<CPUWeigher>(options.cpu_weight_multiplier, options.ratios.vcpus));
  weighers.push_back(std::make_unique<RAMWeigher>(options.ram_weight_multiplier));
  weighers.push_back(std::make_unique<DiskWeigher>(options.disk_weight_multiplier));
  return weighers;
}

std::vector<double> normalize(std::span<double> raw, std::optional<double> minval) {
  std::vector<double> result(raw.size(), 0.0);
  if (raw.empty()) return result;
  if (minval)
    for (double& value : raw) value = std::max(value, *minval);
  double low = minval ? *minval : *std::min_element(raw.begin(), raw.end());
  double high = *std::max_element(raw.begin(), raw.end());
  for (size_t i = 0; i < raw.size(); ++i) result[i] = normalized(raw[i], low, high);
  return result;
}

std::vector<RankedHost> get_weighed_hosts(const HostManager& hosts, std::span<const HostIndex> filtered,
                                          std::span<const std::unique_ptr<Weigher>> weighers, size_t wanted,
                                          Decision& decision) {
#pragma clang fp contract(off)  // no fused multiply-add: the same sums as Nova's, on every machine
  struct Column {
    std::vector<double> raw;
    std::vector<double> normalised;
  };
  size_t count = filtered.size();
  std::vector<Column> columns(count > 1 ? weighers.size() : 0);
  std::vector<double> total(count, 0.0);
  for (size_t w = 0; w < columns.size(); ++w) {
    Column& column = columns[w];
    column.raw.reserve(count);
    for (HostIndex index : filtered) column.raw.push_back(weighers[w]->raw(hosts.host(index)));
    column.normalised = normalize(column.raw, weighers[w]->minval());
    for (size_t i = 0; i < count; ++i) total[i] += weighers[w]->multiplier() * column.normalised[i];
  }

  std::vector<uint32_t> order(count);
  for (size_t i = 0; i < count; ++i) order[i] = static_cast<uint32_t>(i);
  size_t sorted = std::min(count, std::max(wanted, kMaxWeighedHosts));
  // By place where weights are equal: the prefix of a stable sort.
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(sorted), order.end(),
                    [&](uint32_t a, uint32_t b) { return total[a] != total[b] ? total[a] > total[b] : a < b; });

  for (size_t i = 0; i < std::min(sorted, kMaxWeighedHosts); ++i) {
    uint32_t place = order[i];
    WeighedHost& shown = decision.weighed.emplace_back();
    shown.host = hosts.host(filtered[place]).name;
    shown.weight = total[place];
    for (size_t w = 0; w < columns.size(); ++w)
      shown.scores.push_back({std::string(weighers[w]->name()), columns[w].raw[place],
                              weighers[w]->multiplier() * columns[w].normalised[place]});
  }
  std::vector<RankedHost> best;
  best.reserve(std::min(sorted, wanted));
  for (size_t i = 0; i < std::min(sorted, wanted); ++i) best.push_back({total[order[i]], filtered[order[i]]});
  return best;
}

}  // namespace kilonova::scheduler
