#include "cli/load/latency.h"

#include <algorithm>
#include <cmath>

namespace kilonova::cli {

Duration percentile(const std::vector<Duration>& sorted, double percent) {
  if (sorted.empty()) return {};
  auto rank = static_cast<size_t>(std::ceil(percent / 100 * static_cast<double>(sorted.size())));
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

LatencySummary summarize(std::vector<Duration> latencies) {
  std::ranges::sort(latencies);
  return {percentile(latencies, 50), percentile(latencies, 99), percentile(latencies, 100)};
}

}  // namespace kilonova::cli
