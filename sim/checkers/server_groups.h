// No server is bound to a host that the policy of its group forbids at that moment: with anti-affinity a host where as
// many others are as may be, with affinity one where none is while some are elsewhere. What moves away later leaves is
// not bound.
#pragma once

#include <map>

#include "domain/nouns/server_group.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class ServerGroupChecker final : public Checker {
 public:
  ServerGroupChecker(Violations& violations, const Ledger& ledger) : violations_(violations), ledger_(ledger) {}
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  void on_commit(const Transaction& transaction) override;

 private:
  void check_bound(const Uuid& uuid, const RowState& row, const std::string& host);

  Violations& violations_;
  const Ledger& ledger_;
  std::map<Uuid, ServerGroup> groups_;
};

}  // namespace kilonova::sim
