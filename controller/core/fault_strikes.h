// Strikes of fault rules that are counted by the transaction of what they struck. Loop thread only.
#pragma once

#include <cstdint>
#include <vector>

#include "controller/core/controller_world.h"

namespace kilonova::controller {

class FaultStrikes {
 public:
  // Counts them at once, and puts the changed rules into the transaction.
  FaultStrikes(ControllerWorld& world, const std::vector<uint64_t>& struck, Transaction& transaction) : world_(world) {
    std::vector<FaultRule> rules;
    strikes_ = world.faults.strike(struck, rules);
    for (FaultRule& rule : rules) {
      events_.push_back({.time = world.loop.wall_now(), .fault_rule = rule.id, .struck = rule.struck});
      transaction.push_back(mutation::Put<FaultRule>{std::move(rule)});
    }
  }
  // The transaction is committed: who watches is told.
  void tell() {
    for (CloudEvent& event : events_) world_.events.tell(std::move(event));
  }
  // It was refused: the counts are as before.
  void take_back() { world_.faults.unstrike(strikes_); }

 private:
  ControllerWorld& world_;
  std::vector<CountedStrike> strikes_;
  std::vector<CloudEvent> events_;
};

}  // namespace kilonova::controller
