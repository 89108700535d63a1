// The safety checkers of one cloud, all of them: every run has them, and every scenario. They report to one Violations, on
// each change of the cloud's ledger. World thread only.
#pragma once

#include <deque>
#include <optional>

#include "sim/checkers/acknowledgements.h"
#include "sim/checkers/addresses.h"
#include "sim/checkers/commits.h"
#include "sim/checkers/fault_rules.h"
#include "sim/checkers/hosts.h"
#include "sim/checkers/moves.h"
#include "sim/checkers/quota.h"
#include "sim/checkers/reads.h"
#include "sim/checkers/records.h"
#include "sim/checkers/server_groups.h"
#include "sim/checkers/stale_guests.h"
#include "sim/checkers/transitions.h"
#include "sim/checkers/watch.h"
#include "sim/checkers/windows.h"
#include "sim/cloud.h"

namespace kilonova::sim {

class CheckerSet {
 public:
  // Before the cloud starts. Must live until the cloud's last change: the death of its nodes may be one.
  explicit CheckerSet(SimCloud& cloud);
  CheckerSet(const CheckerSet&) = delete;
  CheckerSet& operator=(const CheckerSet&) = delete;

  Violations& violations() { return violations_; }
  const Violations& violations() const { return violations_; }
  // Who calls for clients tells it what was asked and answered.
  AcknowledgementChecker& acknowledgements() { return acknowledgements_; }
  // One for each kind of watcher (sim/watcher.h).
  std::deque<WatchChecker>& watches() { return watches_; }
  ReadChecker& reads() { return reads_; }
  RecordChecker& records() { return records_; }
  WindowChecker& windows() { return windows_; }
  // What only time can violate; every few seconds, once faults have ceased.
  void look(Instant now);

 private:
  Violations violations_;
  AcknowledgementChecker acknowledgements_;
  TransitionChecker transitions_;
  CommitChecker commits_;
  FaultRuleChecker fault_rules_;
  AddressChecker addresses_;
  HostChecker hosts_;
  MoveChecker moves_;
  QuotaChecker quota_;
  ServerGroupChecker server_groups_;
  StaleGuestChecker stale_guests_;
  std::deque<WatchChecker> watches_;
  ReadChecker reads_;
  RecordChecker records_;
  WindowChecker windows_;
  std::optional<Instant> first_look_;
};

}  // namespace kilonova::sim
