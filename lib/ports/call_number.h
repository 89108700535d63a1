// The number of a call on the wire: PendingCalls counts from 1 in each life of a process, and an answer to an earlier life can
// come late, when whoever answers finds the new one under the old address. With the incarnation in it, it is nobody's.
#pragma once

#include <cstdint>
#include <optional>

#include "ports/transport.h"

namespace kilonova {

inline constexpr int kCallBits = 40;  // 10^12 calls in one life; above them 24 bits of the incarnation

inline uint64_t call_number(Incarnation incarnation, uint64_t call) { return incarnation << kCallBits | call; }

// Nothing for a call of another life.
inline std::optional<uint64_t> own_call(Incarnation incarnation, uint64_t number) {
  uint64_t call = number & ((uint64_t{1} << kCallBits) - 1);
  return call_number(incarnation, call) == number ? std::optional(call) : std::nullopt;
}

}  // namespace kilonova
