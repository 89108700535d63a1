// What a scheduler shows in its metrics.
#pragma once

#include "metrics/metric_page.h"
#include "scheduler/core/scheduler_core.h"

namespace kilonova::scheduler {

void add_metrics(MetricPage& page, const SchedulerState& state);

}  // namespace kilonova::scheduler
