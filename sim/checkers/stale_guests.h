// A guest of a placement that is over ends within a bound once its host can be heard again. Looked at every few seconds when
// faults have ceased: from then on every host is heard.
#pragma once

#include <map>

#include "base/time.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class StaleGuestChecker {
 public:
  StaleGuestChecker(Violations& violations, const Ledger& ledger, Duration bound)
      : violations_(violations), ledger_(ledger), bound_(bound) {}
  void look(Instant now);

 private:
  Violations& violations_;
  const Ledger& ledger_;
  Duration bound_;
  std::map<Ledger::GuestKey, Instant> stale_since_;
};

}  // namespace kilonova::sim
