// Fault rules are exact whoever dies: a rule counts each that reaches it once, stores with that what it was told, and
// never strikes more often than it was told to. docs/adr/0005-fault-rules.md.
#pragma once

#include <cstdint>
#include <map>

#include "domain/nouns/fault_rule.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class FaultRuleChecker final : public Checker {
 public:
  explicit FaultRuleChecker(Violations& violations) : violations_(violations) {}
  void on_commit(const Transaction& transaction) override;
  void on_reset(const controller::CloudReset&) override { rules_.clear(); }
  // What the store has lost counts anew.
  void on_went_back(const WentBack&) override { rules_.clear(); }

 private:
  void check(const FaultRule& before, const FaultRule& after, const Transaction& transaction);

  Violations& violations_;
  std::map<uint64_t, FaultRule> rules_;
};

}  // namespace kilonova::sim
