#include "daemon/step_counts.h"

namespace kilonova {

void StepCounts::step(const Uuid& instance, const TraceContext& trace, const StepRecord& record) {
  log_.step(instance, trace, record);
  const size_t index = static_cast<size_t>(record.step) - 1;
  if (index >= steps_.size()) return;
  steps_[index].durations.add(record.duration);
  if (!record.fault.empty()) ++steps_[index].failures;
}

void StepCounts::add_metrics(MetricPage& page) const {
  for (const LaunchStepInfo& info : launch_steps()) {
    const Counts& counts = steps_[static_cast<size_t>(info.step) - 1];
    if (counts.durations.count() > 0) page.add(metric::kStepDuration, counts.durations, {info.name});
  }
  for (const LaunchStepInfo& info : launch_steps()) {
    const Counts& counts = steps_[static_cast<size_t>(info.step) - 1];
    if (counts.durations.count() > 0)
      page.add(metric::kStepFailures, static_cast<double>(counts.failures), {info.name});
  }
}

}  // namespace kilonova
