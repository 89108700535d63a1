#include <algorithm>

#include "base/check.h"
#include "scheduler/core/nova/normalize.h"
#include "scheduler/core/nova/schedule.h"
#include "scheduler/core/nova/weighers/weigher.h"
#include "scheduler/core/python_sort.h"

namespace kilonova::scheduler::nova {
namespace {

PythonResult<WeigherRun> run_weigher(const Weigher& weigher, std::span<const HostState> hosts, const Places& left,
                                     const RequestSpec& spec, const Options& options) {
  WeigherRun run{.weigher = weigher.name};
  std::vector<double> raw;
  for (uint32_t place : left) {
    PythonResult<PythonNumber> weight = weigher.weigh_object(hosts[place], spec, options);
    if (!weight) return std::unexpected(std::move(weight.error()));
    if (weigher.minval && compare_numbers(*weight, *weigher.minval) < 0) *weight = *weigher.minval;
    run.raw.push_back(*weight);
    raw.push_back(to_double(*weight));
    run.multipliers.push_back(weight_multiplier(weigher, hosts[place], options));
  }
  std::optional<double> minval;
  if (weigher.minval) minval = static_cast<double>(*weigher.minval);
  run.all_alike = (minval ? *minval : *std::ranges::min_element(raw)) == *std::ranges::max_element(raw);
  run.normalised = normalize(raw, minval);
  return run;
}

}  // namespace

WeighedHosts get_weighed_hosts(std::span<const HostState> hosts, const Places& left, const RequestSpec& spec,
                               const Options& options) {
#pragma clang fp contract(off)  // no fused multiply-add: the same sums as Nova's, on every machine
  WeighedHosts weighed;
  std::vector<double> totals(left.size(), 0.0);
  for (const std::string& name : options.weighers) {
    if (left.size() < 2) break;
    const Weigher* weigher = find_weigher(name);
    KN_CHECK(weigher != nullptr, "the options were not validated");
    PythonResult<WeigherRun> run = run_weigher(*weigher, hosts, left, spec, options);
    if (!run) {
      weighed.failure = Failure{name, std::move(run.error())};
      return weighed;
    }
    for (size_t i = 0; i < left.size(); ++i) totals[i] += run->multipliers[i] * run->normalised[i];
    weighed.runs.push_back(*std::move(run));
  }
  for (uint32_t i : python_sorted_reversed(totals)) {
    weighed.order.push_back(left[i]);
    weighed.weights.push_back(totals[i]);
  }
  return weighed;
}

}  // namespace kilonova::scheduler::nova
