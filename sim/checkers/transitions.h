// Rows change only along the table of docs/protocol.md, "How a server's row changes".
#pragma once

#include <optional>
#include <string>

#include "sim/ledger.h"

namespace kilonova::sim {

class TransitionChecker final : public Checker {
 public:
  TransitionChecker(Violations& violations, const Ledger& ledger) : violations_(violations), ledger_(ledger) {}
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;

 private:
  Violations& violations_;
  const Ledger& ledger_;
};

// "" when the table has it; otherwise what is wrong. nullptr: no row. `guest`: how the server's guest really is on its
// host; nothing where it has none.
std::string wrong_transition(const RowState* before, const RowState* after,
                             std::optional<PowerState> guest = std::nullopt);

}  // namespace kilonova::sim
