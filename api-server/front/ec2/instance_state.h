// The one table from Nova's states to EC2's six. Pure.
#pragma once

#include <cstdint>

#include "domain/instance.h"

namespace kilonova::api::ec2 {

struct InstanceState {
  uint32_t code;
  const char* name;
  bool operator==(const InstanceState& other) const { return code == other.code; }
};

inline constexpr InstanceState kPending{0, "pending"};
inline constexpr InstanceState kRunning{16, "running"};
inline constexpr InstanceState kShuttingDown{32, "shutting-down"};
inline constexpr InstanceState kTerminated{48, "terminated"};
inline constexpr InstanceState kStopping{64, "stopping"};
inline constexpr InstanceState kStopped{80, "stopped"};

InstanceState state_of(const Instance& server);

// Why it is in its state: "" = nothing is to be said.
struct StateReason {
  const char* code;  // "Server.InsufficientInstanceCapacity"
  std::string message;
};
StateReason reason_of(const Instance& server);

}  // namespace kilonova::api::ec2
