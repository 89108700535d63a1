// What a compute process shows in its metrics.
#pragma once

#include "compute-node/core/compute_core.h"
#include "metrics/metric_page.h"

namespace kilonova::compute {

void add_metrics(MetricPage& page, const ComputeSizes& sizes);

}  // namespace kilonova::compute
