// RowWriter: the one way a server's row changes. A change is committed with its event and whatever belongs to it, and
// only then put into the tables and streamed; everybody else sees the tables as const. Loop thread only. The caller
// holds the instance's lock from reading the row until this has answered.
#pragma once

#include <vector>

#include "base/error.h"
#include "controller/core/allocation_table.h"
#include "controller/core/event_log.h"
#include "controller/core/instance_table.h"
#include "controller/core/launch_counts.h"
#include "ports/controller_store.h"
#include "ports/log.h"
#include "runtime/task.h"

namespace kilonova::controller {

struct ControllerWorld;

class RowWriter {
 public:
  RowWriter(ControllerStore& store, Log& log, EventLog& events, InstanceTable& instances, AllocationTable& allocations)
      : store_(store), log_(log), events_(events), instances_(instances), allocations_(allocations) {}

  // New rows, all of them or none, with what else belongs to their create. The store's error.
  Task<Expected<>> insert(std::vector<Instance> rows, Transaction more);
  // Another name and another spec are stored too. False, and nothing changed, when the store refused (logged). Allocations among `more` reach the allocation table.
  Task<bool> commit(Instance next, Transaction more);
  // Deletes the row with its allocations and launch record, and what else goes with it. False as above.
  Task<bool> erase(Uuid instance, Transaction more);

  // Of all that was committed here.
  const LaunchCounts& launches() const { return launches_; }

 private:
  void log_refusal(const Uuid& instance, const Error& error);

  ControllerStore& store_;
  Log& log_;
  EventLog& events_;
  InstanceTable& instances_;
  AllocationTable& allocations_;
  LaunchCounts launches_;
};

// The try of this server is over: forgets it.
void end_drive(ControllerWorld& world, const Uuid& instance);

// A step that the controller itself did.
StepRecord controller_step(const ControllerWorld& world, LaunchStep step, const Instance& row, WallTime start,
                           Duration duration);

}  // namespace kilonova::controller
