// What a store's writer has done since it was loaded: for metrics.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/histogram.h"

namespace kilonova {

struct StoreCounts {
  SizeCounts groups;  // transactions that one write took together, refused ones too
  // Transactions, answered so or so.
  uint64_t committed = 0;
  uint64_t refused = 0;
  size_t waiting = 0;  // now: those that no write has taken yet
};

}  // namespace kilonova
