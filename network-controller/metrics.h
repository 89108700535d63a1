// What the network-controller shows in its metrics.
#pragma once

#include "metrics/metric_page.h"
#include "network-controller/core/network_core.h"

namespace kilonova::network {

void add_metrics(MetricPage& page, const NetworkCoreState& state);

}  // namespace kilonova::network
