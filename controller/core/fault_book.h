// Fault rules (kilonova fault add) and what of them is reserved. The controller decides at each try which rules may
// strike it, so that "the first two" means two in the whole cloud, however many compute processes there are.
// Reservations die with the controller: tries that were under way when it restarted may strike beside those that it
// reserves anew, so that a rule can strike more often than its count, never less. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/glob.h"
#include "domain/nouns/fault_rule.h"
#include "domain/request_spec.h"
#include "ports/controller_store.h"

namespace kilonova::controller {

// One strike of a rule, as strike() counted it.
struct CountedStrike {
  uint64_t rule_id = 0;
  bool counted_down = false;
};

class FaultBook {
 public:
  explicit FaultBook(std::vector<FaultRule> rules);

  const std::map<uint64_t, FaultRule>& rules() const { return rules_; }
  uint64_t next_id() const { return next_id_; }
  void put(FaultRule rule);
  void erase(uint64_t id);

  // One strike of every rule of a step from `first` to `last` that matches one of the servers and has any left; reserved
  // until settled.
  std::vector<InjectedFault> reserve(const std::vector<std::string>& server_names, LaunchStep first, LaunchStep last);
  // Counts what struck in a try, and puts the changed rows into `rows`, for the transaction that ends it. Counted at
  // once, so that two tries which end together do not write the same count; unstrike() takes back exactly what was
  // counted when that commit fails.
  std::vector<CountedStrike> strike(const std::vector<uint64_t>& struck, std::vector<FaultRule>& rows);
  void unstrike(const std::vector<CountedStrike>& strikes);
  // The try is over: gives back what was reserved for it.
  void settle(const std::vector<uint64_t>& reserved);

 private:
  std::map<uint64_t, FaultRule> rules_;
  std::map<uint64_t, int64_t> reserved_;
  uint64_t next_id_ = 1;
};

}  // namespace kilonova::controller
