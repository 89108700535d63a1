// A guest of a placement that is over ends within a bound once its host can be heard again. Looked at every few seconds when
// faults have ceased: from then on every host is heard.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/hash_map.h"
#include "base/time.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class StaleGuestChecker final : public Checker {
 public:
  StaleGuestChecker(Violations& violations, const Ledger& ledger, Duration bound)
      : violations_(violations), ledger_(ledger), bound_(bound) {}
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  void on_went_back(const WentBack& past) override;
  void on_guest(const GuestRecord* before, const GuestRecord* after) override;
  // O(stale guests). A guest's time begins with the first look that finds it stale.
  void look(Instant now);

 private:
  struct Placed {
    std::string host;
    uint64_t epoch = 0;
  };
  void judge(const Uuid& instance, const Placed& guest, const RowState* row);

  Violations& violations_;
  const Ledger& ledger_;
  Duration bound_;
  HashMap<Uuid, std::vector<Placed>> guests_;  // of each server
  struct Stale {
    uint64_t epoch = 0;
    std::optional<Instant> since;
  };
  std::map<Ledger::GuestKey, Stale> stale_;
};

}  // namespace kilonova::sim
