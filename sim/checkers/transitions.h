// Rows change only along the table of docs/protocol.md, "How a server's row changes".
#pragma once

#include "sim/ledger.h"

namespace kilonova::sim {

class TransitionChecker final : public Checker {
 public:
  explicit TransitionChecker(Violations& violations) : violations_(violations) {}
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;

 private:
  Violations& violations_;
};

// "" when the table has it; otherwise what is wrong. nullptr: no row.
std::string wrong_transition(const RowState* before, const RowState* after);

}  // namespace kilonova::sim
