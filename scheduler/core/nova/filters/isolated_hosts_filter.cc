// Nova: nova/scheduler/filters/isolated_hosts_filter.py.
#include <algorithm>

#include "scheduler/core/nova/filters/filter.h"

namespace kilonova::scheduler::nova {

// Some images run on some hosts alone; with restrict_isolated_hosts_to_isolated_images, these hosts take no others.
PythonResult<bool> isolated_hosts_filter(const HostState& host, const RequestSpec& spec, const Options& options) {
  const bool restrict = options.restrict_isolated_hosts_to_isolated_images;
  const bool host_isolated = std::ranges::count(options.isolated_hosts, host.host) > 0;
  if (options.isolated_images.empty()) return !restrict || !host_isolated;
  const bool image_isolated =
      spec.image && spec.image->id && std::ranges::count(options.isolated_images, *spec.image->id) > 0;
  return restrict ? image_isolated == host_isolated : !image_isolated || host_isolated;
}

}  // namespace kilonova::scheduler::nova
