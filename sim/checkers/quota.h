// A project never has more than its quota allowed when it was created. (A quota that is lowered takes nothing away.)
#pragma once

#include <map>

#include "domain/nouns/quota.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class QuotaChecker final : public Checker {
 public:
  QuotaChecker(Violations& violations, const Ledger& ledger) : violations_(violations), ledger_(ledger) {}
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  void on_went_back(const WentBack& past) override;
  void on_quota(const Quota& quota) override { quotas_[quota.project_id] = quota; }

 private:
  Violations& violations_;
  const Ledger& ledger_;
  std::map<Uuid, Quota> quotas_;
  std::map<Uuid, QuotaUsage> usage_;
  std::map<Uuid, bool> excused_;  // of being above, until it was below once more
};

}  // namespace kilonova::sim
