// The instance row: the controller's belief about one server, and the outbox of its flow (docs/protocol.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/launch_steps.h"
#include "domain/net.h"
#include "domain/request_spec.h"
#include "domain/states.h"

namespace kilonova {

// Nova's InstanceFault: what a client sees of an ERROR.
struct InstanceFault {
  int32_t code = 500;
  std::string message;  // at most 255 bytes, as Nova cuts it
  std::string details;  // for admins
  WallTime created_at;

  bool operator==(const InstanceFault&) const = default;
};

struct Instance {
  int64_t id = 0;  // row id, dense; names the EC2 id and "instance-%08x"
  Uuid uuid;
  std::string name;
  std::string hostname;
  std::string reservation_id;  // "r-" and eight characters
  uint32_t launch_index = 0;   // within its create call
  RequestSpec spec;
  TraceContext trace;  // of the create request

  VmState vm_state = VmState::kBuilding;
  TaskState task_state = TaskState::kScheduling;
  PowerState power_state = PowerState::kNoState;

  uint64_t epoch = 0;                    // numbers placements; committed before every try, re-drive, reschedule, delete
  uint64_t operation = 0;                // numbers all else within the epoch
  uint32_t attempt = 0;                  // Nova's count of hosts tried, 1 for the first
  LaunchStep step = LaunchStep::kNone;   // highest accepted of this epoch
  std::string host;                      // "" until a host of this epoch was heard
  std::vector<std::string> tried_hosts;  // failed in earlier attempts, never tried again
  std::vector<std::string> alternates;   // left for the next reschedule
  std::vector<Address> addresses;
  InstanceFault fault;  // message "" = none

  // While task_state is deleting: who has still to confirm.
  bool delete_awaits_host = false;
  bool delete_awaits_network = false;

  WallTime created_at;
  WallTime updated_at;
  WallTime launched_at;

  bool operator==(const Instance&) const = default;

  // Work under way that the controller must drive on: what admission counts and a restart takes up again.
  bool is_unstable() const { return task_state != TaskState::kNone; }
};

// Placement's allocation of one server on one host, written with the state change that binds it.
struct Allocation {
  Uuid instance;
  uint64_t epoch = 0;
  std::string host;
  Resources resources;

  bool operator==(const Allocation&) const = default;
};

}  // namespace kilonova
