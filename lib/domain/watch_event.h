// What a watch tells: one committed change of a server.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "domain/launch_steps.h"
#include "domain/record.h"
#include "domain/states.h"

namespace kilonova {

// What the answer begins with to who names a revision that the controller's store has lost.
inline constexpr std::string_view kWentBack = "the cloud went back to an earlier state";

// One committed change, numbered ascending across the cloud's whole life; a commit that failed leaves a gap. A store
// that went back gives numbers a second time: what they mean depends on the generation (docs/protocol.md, "Revisions").
struct WatchEvent {
  uint64_t revision = 0;
  WallTime time;
  Uuid project_id;
  Uuid instance;
  std::string name;
  VmState vm_state = VmState::kBuilding;
  TaskState task_state = TaskState::kNone;
  PowerState power_state = PowerState::kNoState;
  std::string host;
  uint64_t epoch = 0;
  bool deleted = false;  // the row is gone
  std::string fault;
  // Of a launch under way. Not stored: an event that was read from a database has none.
  LaunchStep step = LaunchStep::kNone;
  uint32_t attempt = 0;
  bool operator==(const WatchEvent&) const = default;
};

// What happened to a host or a fault rule. It has no revision and is not stored: who missed it asks for the state.
struct CloudEvent {
  WallTime time;
  std::string host;         // "" = of a rule
  bool up = false;
  uint64_t fault_rule = 0;  // 0 = of a host
  int64_t struck = 0;       // by now
  bool operator==(const CloudEvent&) const = default;
};

template <class Io, RowOf<WatchEvent> Row>
void visit(Io& io, Row& row) {
  io(row.revision, row.time, row.project_id, row.instance, row.name, row.vm_state, row.task_state, row.power_state,
     row.host, row.epoch, row.deleted, row.fault);
}

}  // namespace kilonova
