// What the controller does by itself, once a server has waited for long enough, is done: who was soft-deleted is deleted, a resize is
// confirmed, who is shelved leaves its host (docs/protocol.md, "Elapsed time"). World thread only.
#pragma once

#include "base/hash_map.h"
#include "base/time.h"
#include "sim/ledger.h"

namespace kilonova::sim {

// As ControllerOptions names them; what is not above 0 never ends by itself.
struct Windows {
  Duration reclaim_instance_interval;
  Duration resize_confirm_window;
  Duration shelved_offload_time;
};

class WindowChecker final : public Checker {
 public:
  // `slack`: how much later it may be, after faults: hosts are to be heard first, and a commit may be refused.
  WindowChecker(Violations& violations, const Ledger& ledger, Duration slack)
      : violations_(violations), ledger_(ledger), slack_(slack) {}

  void expect(const Windows& windows) { windows_ = windows; }
  // Every few seconds, once faults have ceased.
  void look(Instant now);

 private:
  // For which the server waits; 0 = for nothing.
  Duration window_of(const RowState& row) const;

  struct Waiting {
    Instant since;  // the first look
    VmState vm_state = VmState::kActive;
    uint64_t operation = 0;
  };

  Violations& violations_;
  const Ledger& ledger_;
  Duration slack_;
  Windows windows_;
  HashMap<Uuid, Waiting> waiting_;
};

}  // namespace kilonova::sim
