// Events of docs/play.md in a simulated cloud: what `kilonova play` asks of one that runs.
#pragma once

#include <optional>

#include "domain/api.h"
#include "domain/outside_events.h"
#include "sim/cloud.h"

namespace kilonova::sim {

struct OutsideRequest {
  ApiRequest request;
  Uuid server;
};

// What a client is to ask for it, of the server that has the name now; nothing for what has happened with this call, as
// hosts lose their power here. kNotFound for a name that nothing has.
Expected<std::optional<OutsideRequest>> what_happens(SimCloud& cloud, const OutsideEvent& event);

}  // namespace kilonova::sim
