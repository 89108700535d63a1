// How the table of watch events stays bounded: not at every append, but this many above the bound at once.
#pragma once

#include <cstdint>

namespace kilonova {

inline constexpr uint64_t kEventTrimChunk = 1000;

}  // namespace kilonova
