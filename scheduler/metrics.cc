#include "scheduler/metrics.h"

namespace kilonova::scheduler {

void add_metrics(MetricPage& page, const SchedulerState& state) {
  page.add(metric::kDecisions, static_cast<double>(state.decisions));
  page.add(metric::kSchedulerHosts, static_cast<double>(state.hosts.registered().size()));
  page.add(metric::kDebits, static_cast<double>(state.hosts.debit_count()));
}

}  // namespace kilonova::scheduler
