// Nova: nova/scheduler/weights/cross_cell.py.
#include "scheduler/core/nova/weighers/weigher.h"

namespace kilonova::scheduler::nova {

// A move that may leave its cell prefers to stay.
PythonResult<PythonNumber> cross_cell_weigher(const HostState& host, const RequestSpec& spec, const Options&) {
  const std::optional<Destination>& destination = spec.requested_destination;
  if (!destination || !destination->cell_uuid || !destination->allow_cross_cell_move) return int64_t{0};
  return host.cell_uuid == *destination->cell_uuid ? int64_t{1} : int64_t{-1};
}
}  // namespace kilonova::scheduler::nova
