// What has to be committed together with a row's change is: its event, the allocation that fits the row, a launch record with
// ACTIVE, the client's token with a create. The last column of docs/protocol.md, "How a server's row changes".
#pragma once

#include <vector>

#include "sim/ledger.h"

namespace kilonova::sim {

class CommitChecker final : public Checker {
 public:
  CommitChecker(Violations& violations, const Ledger& ledger) : violations_(violations), ledger_(ledger) {}
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  void on_commit(const Transaction& transaction) override;

 private:
  void check_event(const Transaction& transaction, const Uuid& uuid, const Instance* row);
  void check_allocation(const Instance& row);
  void check_token(const Transaction& transaction, const Uuid& uuid);
  void missing(const Uuid& uuid, std::string_view what);

  Violations& violations_;
  const Ledger& ledger_;
  std::vector<Uuid> became_active_;  // in the transaction at hand
};

}  // namespace kilonova::sim
