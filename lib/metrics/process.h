// What Prometheus' own clients show of a process: memory, CPU, files.
#pragma once

#include "metrics/metric_page.h"

namespace kilonova {

// Of this process, from proc(5). What the system does not say is left out. Any thread; some 100 µs, and more with
// thousands of open files.
void add_process_metrics(MetricPage& page);

}  // namespace kilonova
