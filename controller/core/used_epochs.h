// Which epochs of a server somebody may have heard of already: a new one goes above them. Rules: docs/protocol.md, "A
// store that goes back". Loop thread only.
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "controller/core/controller_world.h"

namespace kilonova::controller {

// The highest one that was heard; 0 when the row is above it, or nobody spoke. Before every compute process has
// registered in this life a guest may stand unheard, of a time that the store has lost: then this is above the row by a
// random step, so that no epoch of that time is drawn again.
uint64_t used_epoch(const ControllerWorld& world, const Uuid& instance);

}  // namespace kilonova::controller
