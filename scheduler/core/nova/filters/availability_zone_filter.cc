// Nova: nova/scheduler/filters/availability_zone_filter.py.
#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

PythonResult<bool> availability_zone_filter(const HostState& host, const RequestSpec& spec, const Options& options) {
  if (!spec.availability_zone || spec.availability_zone->empty()) return true;
  const auto zones = aggregate_metadata_of_key(host.aggregates, "availability_zone");
  if (zones.empty()) return *spec.availability_zone == options.default_availability_zone;
  return zones.contains(*spec.availability_zone);
}

}  // namespace kilonova::scheduler::nova
