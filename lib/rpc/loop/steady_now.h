// The clock of RealLoop and of gRPC's monotonic times, for what has no loop at hand.
#pragma once

#include <chrono>

#include "base/time.h"

namespace kilonova::rpc {

inline Instant steady_now() {
  auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_start).count()};
}

}  // namespace kilonova::rpc
