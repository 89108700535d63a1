#include "controller/core/controller_counts.h"

#include "controller/core/controller_core.h"

namespace kilonova::controller {

ControllerCounts ControllerCore::counts() const {
  ControllerCounts counts;
  counts.launches = rows_.launches();
  counts.claim_conflicts = world_.claim_conflicts;
  counts.strikes = fault_desk_.strikes_by_effect();
  for (const VmStateInfo& info : vm_states()) counts.servers[info.state] = instances_.count(info.state);
  counts.servers_in_transition = instances_.unstable();
  counts.under_way = drives_.size();
  counts.hosts = hosts_.counts();
  counts.revision = events_.revision();
  return counts;
}

}  // namespace kilonova::controller
