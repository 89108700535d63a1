// The refusals of a controller store, in the same words whichever store it is.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/ids.h"

namespace kilonova {

// All kConflict.
std::unexpected<Error> instance_missing(const Uuid& uuid);
std::unexpected<Error> instance_exists(const Uuid& uuid, int64_t id);
std::unexpected<Error> revision_not_ascending(uint64_t revision, uint64_t newest);

// kOutOfRange, for read_events.
std::unexpected<Error> events_dropped(uint64_t since, uint64_t dropped_through);

}  // namespace kilonova
