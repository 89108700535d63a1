// The instance row: the controller's belief about one server, and the outbox of its flow (docs/protocol.md).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/launch_steps.h"
#include "domain/move.h"
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

// A placement's fence: everything about one try of one server carries it.
struct PlacementId {
  Uuid instance;
  uint64_t epoch = 0;
  auto operator<=>(const PlacementId&) const = default;
};

// One try of a server on one host, and where that ends well the place where the server is. What it takes of its host is
// its allocation; the rules are in docs/protocol.md, "Placements".
struct Placement {
  uint64_t epoch = 0;                   // numbers the server's placements: the fence of all that is said of one
  LaunchStep step = LaunchStep::kNone;  // highest accepted
  std::string host;                     // "" until a host of this epoch was heard
  std::vector<Address> addresses;

  bool operator==(const Placement&) const = default;
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

  Placement current;                     // its epoch is committed before every try, re-drive, reschedule and delete
  uint64_t operation = 0;                // numbers what happens within the current placement
  uint32_t attempt = 0;                  // Nova's count of hosts tried, 1 for the first
  std::vector<std::string> tried_hosts;  // failed in earlier attempts, never tried again
  std::vector<std::string> alternates;   // left for the next reschedule
  InstanceFault fault;                   // message "" = none

  WallTime created_at;
  WallTime updated_at;
  WallTime launched_at;

  // The second placement of a server that moves. Until it has arrived that is the new one, of a higher epoch; from then
  // on the old one, which stays good until the move is confirmed.
  std::optional<Placement> other;
  std::optional<Move> move;  // there whenever `other` is, but for one that is being deleted
  // The highest that was ever given to a placement; rows of earlier versions do not say.
  uint64_t last_epoch = 0;
  Uuid shelved_image;    // that it is made of again; nil = none
  WallTime state_since;  // when it was shelved or soft-deleted; 0 = neither

  bool operator==(const Instance&) const = default;

  PlacementId placement_id() const { return {uuid, current.epoch}; }
  // One that no placement had.
  uint64_t new_epoch() const { return std::max({last_epoch, current.epoch, other ? other->epoch : 0}) + 1; }
  // The placement that is being built; null where none is.
  const Placement* being_built() const {
    if (task_state == TaskState::kDeleting) return nullptr;
    if (move) return move->stage == MoveStage::kBuilding && other ? &*other : nullptr;
    return vm_state == VmState::kBuilding ? &current : nullptr;
  }
  // The placement of this epoch; null when it is over, or was never.
  const Placement* placement_of(uint64_t epoch) const {
    if (epoch == current.epoch) return &current;
    return other && epoch == other->epoch ? &*other : nullptr;
  }

  // In ERROR, or reset to ACTIVE, without a host: nothing anywhere is its own, and what a host or the
  // network-controller still has of it is left over.
  bool has_given_up() const {
    return (vm_state == VmState::kError || vm_state == VmState::kActive) && current.host.empty();
  }

  // Work under way that the controller must drive on: what admission counts and a restart takes up again.
  bool is_unstable() const { return task_state != TaskState::kNone; }
};

// Placement's allocation for one placement of a server, written with the state change that binds it to its host.
struct Allocation {
  Uuid instance;
  uint64_t epoch = 0;  // of the placement
  std::string host;
  Resources resources;

  PlacementId key() const { return {instance, epoch}; }
  bool operator==(const Allocation&) const = default;
};

}  // namespace kilonova
