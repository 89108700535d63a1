// How launches ended, told from the changes of servers' rows: whatever flow changes a row, it is counted once.
#pragma once

#include <cstdint>

#include "domain/instance.h"

namespace kilonova::controller {

// Loop thread only. Since the start of this controller; a launch ends when its server is in BUILDING no more.
struct LaunchCounts {
  uint64_t active = 0;
  uint64_t error = 0;
  uint64_t deleted = 0;  // before they had ended
  uint64_t retries = 0;  // to another host, because one had failed; moves and rebuilds are no launches

  // A committed change of one server; `after` is nullptr where its row is gone.
  void note(const Instance& before, const Instance* after);
  bool operator==(const LaunchCounts&) const = default;
};

}  // namespace kilonova::controller
