// LaunchOutcomes: what became of the launches, from the rows alone, and what it took. Each launch that was stored ends in exactly
// one of the outcomes, or is still building.
#pragma once

#include <cstdint>

#include "sim/ledger.h"

namespace kilonova::sim {

class LaunchOutcomes final : public Checker {
 public:
  struct Counts {
    uint64_t stored = 0;                   // servers whose creation was committed
    uint64_t active_at_first_host = 0;     // ACTIVE, on the first host that had it
    uint64_t active_after_reschedule = 0;  // ACTIVE, on a later one
    uint64_t error = 0;                    // ERROR: no valid host, a build that was aborted, hosts tried in vain
    uint64_t deleted_while_building = 0;
    uint64_t reschedules = 0;  // another host was to try, after one that failed or was lost
    uint64_t recasts = 0;      // another try, as no host had had it yet
    uint64_t tries() const { return stored + reschedules + recasts; }
    // A launch whose end was lost with the store, and which ended again, has two ends.
    uint64_t building() const {
      const uint64_t ended = active_at_first_host + active_after_reschedule + error + deleted_while_building;
      return stored > ended ? stored - ended : 0;
    }
  };

  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  const Counts& counts() const { return counts_; }

 private:
  Counts counts_;
};

}  // namespace kilonova::sim
