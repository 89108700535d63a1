// Servers that move: along which their rows may change (docs/protocol.md, "Moves"), that no two guests of one run, and that
// no address leaves its server.
#pragma once

#include <string>
#include <vector>

#include "sim/checkers/acknowledgements.h"
#include "sim/ledger.h"

namespace kilonova::sim {

// Of rows of which one moves. Nothing is said of deletes and resets: those are told apart before.
bool may_follow_moving(const RowState& before, const RowState& after);
// A reset ends what is under way: on the host where it is, or where it was before a move that is being reverted.
bool is_reset_of_moving(const RowState& before, const RowState& after);

class MoveChecker final : public Checker {
 public:
  MoveChecker(Violations& violations, const Ledger& ledger, const AcknowledgementChecker& clients)
      : violations_(violations), ledger_(ledger), clients_(clients) {}
  void on_guest(const GuestRecord* before, const GuestRecord* after) override;
  void on_lease(const Lease* before, const Lease* after) override;
  void on_network_commit() override;
  // A release that was on its way takes the addresses of a server whose delete was lost; they are learnt again.
  // And of a compute process that was doubled, one guest may be in files that nobody has any more.
  // Both until all is reconciled.
  void on_went_back(const WentBack& past) override {
    leases_count_ &= past.of != Role::kController;
    guests_count_ &= past.of != Role::kCompute;
  }
  // Some time after the last fault: no server runs twice, and from now on all counts again.
  void reconciled();

 private:
  Violations& violations_;
  const Ledger& ledger_;
  const AcknowledgementChecker& clients_;  // who may have asked for another interface
  std::vector<Lease> gone_;                // with the transaction at hand, which may have put others in their place
  bool leases_count_ = true;
  bool guests_count_ = true;
};

}  // namespace kilonova::sim
