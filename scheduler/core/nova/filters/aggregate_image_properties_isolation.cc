// Nova: nova/scheduler/filters/aggregate_image_properties_isolation.py.
#include "scheduler/core/nova/aggregates.h"
#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

// Where an aggregate speaks of an image property, an image that has it must have one of the values there. A property
// that is false (0, False, "") counts as one that is not there.
PythonResult<bool> aggregate_image_properties_isolation(const HostState& host, const RequestSpec& spec,
                                                        const Options& options) {
  if (!spec.image) return true;
  std::string prefix;
  if (const auto& space = options.aggregate_image_properties_isolation_namespace; space && !space->empty())
    prefix = *space + options.aggregate_image_properties_isolation_separator;
  for (const auto& [key, values] : aggregate_metadata_get_by_host(host.aggregates)) {
    if (!key.starts_with(prefix)) continue;
    const PythonValue property = spec.image->properties.get(key);
    if (python_truth(property) && !values.contains(python_str(property))) return false;
  }
  return true;
}

}  // namespace kilonova::scheduler::nova
