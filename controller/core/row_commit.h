// The one way a server's row changes: committed with its event and whatever belongs to it, and only then put into the
// tables and streamed. The caller holds the instance's lock from reading the row until this has answered.
#pragma once

#include "controller/core/controller_world.h"

namespace kilonova::controller {

// False, and nothing changed, when the store refused (logged). Allocations among `more` reach the allocation table.
Task<bool> commit_row(ControllerWorld& world, Instance next, Transaction more);
// Deletes the row with its allocation and launch record.
Task<bool> erase_row(ControllerWorld& world, Uuid instance);

// The try of this server is over: forgets it and gives back the faults that were reserved for it.
void end_drive(ControllerWorld& world, const Uuid& instance);

// A step that the controller itself did.
StepRecord controller_step(const ControllerWorld& world, LaunchStep step, const Instance& row, WallTime start,
                           Duration duration);

}  // namespace kilonova::controller
