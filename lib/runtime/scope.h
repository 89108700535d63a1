// Scope: the flows of a daemon, or of a part of it. A daemon dies by destroying its scope.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova {

// Of one scope, never reused; 0 means none.
using FlowId = uint64_t;

// Loop thread only; the loop must outlive it. Declare it after the locks and tables its flows use, so that it goes
// first. A flow must not cancel itself nor destroy its own scope (it would destroy the frame it runs in): that aborts.
class Scope {
 public:
  explicit Scope(Loop& loop);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  // Destroys the frames of all flows, in the order in which they were spawned.
  ~Scope();

  // Owns the flow and posts its start; its frame is freed as soon as it ends.
  FlowId spawn(Task<void> task);
  // Destroys the flow's frame now, started or not; false when it has ended.
  bool cancel(FlowId id);
  // Flows that have not ended.
  size_t size() const { return flows_.size(); }

 private:
  class Flow;

  std::unique_ptr<Flow> remove(FlowId id);

  Loop& loop_;
  std::map<FlowId, std::unique_ptr<Flow>> flows_;  // ids grow, so this is spawn order
  FlowId next_id_ = 1;
};

}  // namespace kilonova
