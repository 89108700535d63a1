// Nova: nova/scheduler/filters/affinity_filter.py.
#include "scheduler/core/nova/filters/hinted_instances.h"

#include <algorithm>

namespace kilonova::scheduler::nova {

std::optional<bool> has_hinted_instance(const HostState& host, const RequestSpec& spec, std::string_view hint) {
  const std::vector<std::string>* ids = scheduler_hint(spec, hint);
  if (ids == nullptr || ids->empty() || (ids->size() == 1 && ids->front().empty())) return std::nullopt;
  return std::ranges::any_of(*ids, [&](const std::string& id) { return host.instances.contains(id); });
}

}  // namespace kilonova::scheduler::nova
