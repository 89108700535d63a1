#include <algorithm>
#include <array>
#include <cmath>

#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/python_values.h"
#include "scheduler/core/registry.h"
#include "scheduler/core/weighers/cpu_weigher.h"
#include "scheduler/core/weighers/disk_weigher.h"
#include "scheduler/core/weighers/ram_weigher.h"
#include "scheduler/core/weighers/server_group_soft_affinity_weigher.h"
#include "scheduler/core/weighers/server_group_soft_anti_affinity_weigher.h"
#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

namespace {

constexpr auto kWeighers = std::to_array<Row<Weigher>>(
    {row_of<Weigher, CPUWeigher>(), row_of<Weigher, RAMWeigher>(), row_of<Weigher, DiskWeigher>(),
     row_of<Weigher, ServerGroupSoftAffinityWeigher>(), row_of<Weigher, ServerGroupSoftAntiAffinityWeigher>()});
static_assert(names_differ<Weigher>(kWeighers));

}  // namespace

const std::vector<std::string_view>& weigher_names() {
  static const std::vector<std::string_view> names = names_of<Weigher>(kWeighers);
  return names;
}

Weighers make_weighers(const SchedulerOptions& options) {
  Weighers weighers;
  for (const std::string& name : options.enabled_weighers)
    weighers.push_back(make_from<Weigher>(kWeighers, name, options));
  return weighers;
}

// The least where aggregates differ; when one of them says what is no number, the option stands. So it does for what
// Python takes for a number and no sum is possible with: inf and nan.
double Weigher::multiplier(const Attributes& attributes) const {
  return nova::least_of_aggregates(attributes.aggregates, multiplier_.option, multiplier_.value,
                                   [](std::string_view text) -> std::optional<double> {
                                     std::optional<double> value = python_float(text);
                                     return value && std::isfinite(*value) ? value : std::nullopt;
                                   });
}

namespace {

// The multipliers of hosts: few rows, since few sets of attributes serve many hosts.
class Multipliers {
 public:
  Multipliers(const HostManager& hosts, std::span<const HostIndex> filtered,
              std::span<const std::unique_ptr<Weigher>> weighers)
      : row_of_host_(filtered.size()) {
    const Attributes* last = nullptr;
    uint32_t row = 0;
    for (size_t i = 0; i < filtered.size(); ++i) {
      const Attributes* attributes = hosts.host(filtered[i]).attributes.get();
      if (attributes != last) row = row_of(*attributes, weighers);
      last = attributes;
      row_of_host_[i] = row;
    }
  }
  double of(size_t weigher, size_t i) const { return rows_[row_of_host_[i]][weigher]; }

 private:
  uint32_t row_of(const Attributes& attributes, std::span<const std::unique_ptr<Weigher>> weighers) {
    if (const uint32_t* known = by_number_.find(attributes.number)) return *known;
    std::vector<double>& row = rows_.emplace_back();
    for (const auto& weigher : weighers) row.push_back(weigher->multiplier(attributes));
    auto place = static_cast<uint32_t>(rows_.size() - 1);
    by_number_.insert(attributes.number, place);
    return place;
  }

  std::vector<std::vector<double>> rows_;
  HashMap<uint64_t, uint32_t> by_number_;
  std::vector<uint32_t> row_of_host_;
};

std::vector<double> raw_values(const HostManager& hosts, std::span<const HostIndex> filtered, const Weigher& weigher,
                               const SchedulingRequest& request) {
  std::vector<double> raw;
  raw.reserve(filtered.size());
  if (weigher.basis() == Basis::kHost) {  // without the second of two virtual calls
    const auto& by_host = static_cast<const HostWeigher&>(weigher);
    for (HostIndex index : filtered) raw.push_back(by_host.raw(hosts.host(index)));
  } else {
    for (HostIndex index : filtered) raw.push_back(weigher.weigh_host(hosts.host(index), index, request));
  }
  return raw;
}

}  // namespace

std::vector<RankedHost> get_weighed_hosts(const HostManager& hosts, std::span<const HostIndex> filtered,
                                          std::span<const std::unique_ptr<Weigher>> weighers,
                                          const SchedulingRequest& request, size_t wanted, Decision& decision,
                                          size_t shown) {
#pragma clang fp contract(off)  // no fused multiply-add: the same sums as Nova's, on every machine
  struct Column {
    std::vector<double> raw;
    std::vector<double> normalised;
  };
  size_t count = filtered.size();
  std::vector<Column> columns(count > 1 ? weighers.size() : 0);
  std::vector<double> total(count, 0.0);
  const Multipliers multipliers(hosts, filtered, weighers);
  for (size_t w = 0; w < columns.size(); ++w) {
    Column& column = columns[w];
    column.raw = raw_values(hosts, filtered, *weighers[w], request);
    column.normalised = normalize(column.raw, weighers[w]->minval());
    for (size_t i = 0; i < count; ++i) total[i] += multipliers.of(w, i) * column.normalised[i];
  }

  std::vector<uint32_t> order(count);
  for (size_t i = 0; i < count; ++i) order[i] = static_cast<uint32_t>(i);
  size_t sorted = std::min(count, std::max(wanted, shown));
  // By place where weights are equal: the prefix of a stable sort.
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(sorted), order.end(),
                    [&](uint32_t a, uint32_t b) { return total[a] != total[b] ? total[a] > total[b] : a < b; });

  for (size_t i = 0; i < std::min(sorted, shown); ++i) {
    uint32_t place = order[i];
    WeighedHost& weighed = decision.weighed.emplace_back();
    weighed.host = hosts.host(filtered[place]).name;
    weighed.weight = total[place];
    for (size_t w = 0; w < columns.size(); ++w)
      if (weighers[w]->concerns(request))
        weighed.scores.push_back({std::string(weighers[w]->name()), columns[w].raw[place],
                                  multipliers.of(w, place) * columns[w].normalised[place], multipliers.of(w, place)});
  }
  std::vector<RankedHost> best;
  best.reserve(std::min(sorted, wanted));
  for (size_t i = 0; i < std::min(sorted, wanted); ++i) best.push_back({total[order[i]], filtered[order[i]]});
  return best;
}

}  // namespace kilonova::scheduler
