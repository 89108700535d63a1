// How far above what is known of a server an epoch may be that somebody says of it.
#pragma once

#include <cstdint>

namespace kilonova {

// docs/protocol.md, "A peer is its role and its hosts": one that is further ahead is a lie, and would fence the truth.
constexpr uint64_t kEpochsAhead = uint64_t{1} << 32;

}  // namespace kilonova
