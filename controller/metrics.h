// What the controller shows in its metrics.
#pragma once

#include "controller/core/controller_counts.h"
#include "metrics/metric_page.h"

namespace kilonova::controller {

void add_metrics(MetricPage& page, const ControllerCounts& counts);

}  // namespace kilonova::controller
