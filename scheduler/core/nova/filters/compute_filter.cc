// Nova: nova/scheduler/filters/compute_filter.py.
#include <cmath>

#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

namespace {

// What a service_down_time that a report cannot keep to becomes. Nova: nova/servicegroup/api.py.
int64_t down_time_of(const Options& options) {
  constexpr int64_t kReportInterval = 10, kInstead = 25;
  return options.service_down_time <= kReportInterval ? kInstead : options.service_down_time;
}

}  // namespace

// The service is enabled, and was heard of in the last service_down_time seconds. A clock that is ahead by more counts
// as silence.
PythonResult<bool> compute_filter(const HostState& host, const RequestSpec&, const Options& options) {
  if (host.service.disabled || host.service.forced_down) return false;
  // Nova compares times of whole microseconds.
  constexpr double kMicroseconds = 1e6;
  const double age = host.service.last_seen_up_age.value_or(host.service.created_age);
  return std::abs(std::nearbyint(age * kMicroseconds)) <= static_cast<double>(down_time_of(options)) * kMicroseconds;
}

}  // namespace kilonova::scheduler::nova
