// Messages for the tests of links and transports: told apart by their number.
#pragma once

#include <cstdint>

#include "domain/messages.h"

namespace kilonova::testing {

inline PlacementId placement(uint8_t instance, uint64_t epoch = 1) {
  PlacementId id;
  id.instance.bytes[0] = instance;
  id.epoch = epoch;
  return id;
}

// Never superseded.
inline Message numbered(uint64_t number) { return Message{number, InstanceTerminated{"h1", placement(1)}}; }

inline Message report(uint8_t instance, BuildResult result, uint64_t number) {
  return Message{number, InstanceReport{.host = "h1", .placement = placement(instance), .result = result}};
}

inline Message progress(uint8_t instance, uint64_t number) { return report(instance, BuildResult::kProgress, number); }

}  // namespace kilonova::testing
