// StepGates: where work on guests waits until somebody lets it go on by one step (--timing manual): tests look at a server
// between any two of them. Loop thread only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "compute-node/core/instance_table.h"
#include "runtime/event.h"
#include "runtime/task.h"

namespace kilonova::compute {

class StepGates {
 public:
  // `closed`: work waits.
  StepGates(Loop& loop, bool closed) : loop_(loop), closed_(closed) {}
  StepGates(const StepGates&) = delete;
  StepGates& operator=(const StepGates&) = delete;

  bool closed() const { return closed_; }
  // Until let_go(). `step`: what is about to be done.
  Task<void> pass(HostInstance key, std::string step);
  // The step of this server that goes on now; nothing when none waits.
  std::optional<std::string> let_go(const Uuid& instance);

 private:
  struct Waiting;

  Loop& loop_;
  bool closed_;
  std::map<HostInstance, Waiting*> waiting_;
};

}  // namespace kilonova::compute
