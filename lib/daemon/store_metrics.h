// What a daemon with a store shows of it.
#pragma once

#include "metrics/metric_page.h"
#include "store/store_counts.h"

namespace kilonova {

inline void add_store_metrics(MetricPage& page, const StoreCounts& counts) {
  page.add(metric::kCommits, static_cast<double>(counts.committed), {"ok"});
  page.add(metric::kCommits, static_cast<double>(counts.refused), {"refused"});
  page.add(metric::kCommitGroups, counts.groups);
  page.add(metric::kCommitQueue, static_cast<double>(counts.waiting));
}

}  // namespace kilonova
