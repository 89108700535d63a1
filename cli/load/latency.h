// Latencies of many launches. Pure.
#pragma once

#include <vector>

#include "base/time.h"

namespace kilonova::cli {

// By nearest rank: the smallest value that at least `percent` of all do not exceed. 0 of none.
Duration percentile(const std::vector<Duration>& sorted, double percent);

struct LatencySummary {
  Duration p50;
  Duration p99;
  Duration max;
};

LatencySummary summarize(std::vector<Duration> latencies);

}  // namespace kilonova::cli
