// The thirteen steps of a launch, after "OpenStack Nova internals of instance launching" (2011) with today's Nova semantics.
// The enum's values and names are those of kilonova.v1.LaunchStep (proto/kilonova/v1/launch.proto), which is the only source:
// a test holds the two equal. Log lines, traces, metrics, faults and documents use these names.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"

namespace kilonova {

enum class LaunchStep : uint8_t {
  kNone = 0,
  kRequestAccepted = 1,
  kInstanceCreated = 2,
  kScheduleCast = 3,
  kHostSelected = 4,
  kRunCast = 5,
  kClaimed = 6,
  kNetworkRequested = 7,
  kAddressAllocated = 8,
  kBlockDevicesMapped = 9,
  kImageReady = 10,
  kGuestDefined = 11,
  kGuestStarted = 12,
  kActive = 13,
};

struct LaunchStepInfo {
  LaunchStep step;
  std::string_view name;     // "request_accepted"
  std::string_view article;  // the step numbers of the 2011 article, "-" where it has none
  Role daemon;
};

// In order; index = number - 1.
const std::array<LaunchStepInfo, 13>& launch_steps();
std::string_view to_string(LaunchStep step);
std::optional<LaunchStep> parse_launch_step(std::string_view name);

// What one daemon did in one step of one try. Records travel with the work and are stored with the state change.
struct StepRecord {
  LaunchStep step = LaunchStep::kNone;
  uint64_t epoch = 0;
  uint32_t attempt = 0;
  std::string daemon;  // "compute-0"
  std::string host;    // "" before a host was selected
  WallTime start;
  Duration duration;        // steps 2 and 13 end when their commit is handed to the store
  std::string fault;        // "" when the step succeeded
  uint64_t fault_rule = 0;  // the rule that struck it on purpose, 0 = none

  bool operator==(const StepRecord&) const = default;
};

// Who asked, carried through every hop: Nova's request id and W3C Trace Context (https://www.w3.org/TR/trace-context/).
struct TraceContext {
  Uuid request_id;       // printed "req-<uuid>"
  Uuid trace_id;         // 16 bytes of traceparent
  uint64_t span_id = 0;  // the sender's span

  bool operator==(const TraceContext&) const = default;
};

}  // namespace kilonova
