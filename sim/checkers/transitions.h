// Rows change only along the table of docs/protocol.md, "How a server's row changes".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/ledger.h"

namespace kilonova::sim {

class TransitionChecker final : public Checker {
 public:
  TransitionChecker(Violations& violations, const Ledger& ledger) : violations_(violations), ledger_(ledger) {}
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  void on_guest(const GuestRecord* before, const GuestRecord* after) override;
  void on_went_back(const WentBack& past) override {
    went_back_ = true;
    doubled_ |= past.of == Role::kCompute;
  }

 private:
  // What is wrong by none of the powers that the guest had lately.
  std::string judge(const Uuid& uuid, const RowState* before, const RowState* after) const;
  void forget_older_powers(const Uuid& uuid, const RowState& row);

  Violations& violations_;
  const Ledger& ledger_;
  bool went_back_ = false;
  bool doubled_ = false;  // guests may be in files that the ledger does not follow
  // What a guest was since its server's row last said the first of these: over a slow link a word may be old, and words
  // come in their order.
  std::map<std::pair<Uuid, std::string>, std::vector<PowerState>> powers_;
};

// What only a store that has gone back explains: an operation that is counted on from what others had heard, and a
// build that begins again at no cost, for it was given another server's addresses. `after` as it would be without
// that.
RowState without_lost_past(const RowState& before, RowState after);
// One interface more, the last, or one less; nothing else is different.
bool has_other_interfaces(const RowState& before, const RowState& after);
// A server whose delete was lost, and whose guest is gone: no journal has it.
bool is_lost_guest(const RowState& before, const RowState& after);

// "" when the table has it; otherwise what is wrong. nullptr: no row. `guest`: how the server's guest really is on its
// host; nothing where it has none.
std::string wrong_transition(const RowState* before, const RowState* after,
                             std::optional<PowerState> guest = std::nullopt);

}  // namespace kilonova::sim
