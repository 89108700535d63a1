// What a fault rule does to a flow that has come to where one may strike: the same in every daemon, and in the
// simulation. Who decides is the controller (docs/adr/0005-fault-rules.md).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"
#include "domain/messages.h"
#include "domain/request_spec.h"
#include "ports/caller.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova {

// Whom to ask.
class FaultJudge {
 public:
  virtual ~FaultJudge() = default;
  // Nothing: no answer was to be had.
  virtual Task<std::optional<bool>> strikes(FaultReached reached) = 0;
  uint64_t next_number() { return ++numbers_; }

 private:
  uint64_t numbers_ = 0;
};

// Over the transport. A rule of which nothing is heard for `patience` does not strike.
class AskedController final : public FaultJudge {
 public:
  AskedController(Caller& caller, Random random, Duration patience)
      : caller_(caller), random_(random), patience_(patience) {}
  Task<std::optional<bool>> strikes(FaultReached reached) override;

 private:
  Caller& caller_;
  Random random_;
  Duration patience_;
};

// What is left to do for whom it struck. Delays are over, and hangs.
struct Struck {
  uint64_t rule_id = 0;  // the last that struck; 0 = none
  std::optional<InjectedFault> fails = {};
  bool drops = false;
  bool loses_reply = false;
};

// Of these, in their order, up to the first that fails. `reached`: all but the rule and the number. `crashes_here`: a
// rule that crashes ends this very process, so that the flow waits for that.
Task<Struck> be_struck(FaultJudge* judge, Loop* loop, std::vector<InjectedFault> faults, FaultReached reached,
                       bool crashes_here = true);

}  // namespace kilonova
