// What hosts and schedulers say of a try, and step 13. Every flow takes the instance's lock, judges the message against
// the row (transitions.h), commits, and only then answers. A commit that fails is not answered: the host says it again.
// Loop thread only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/core/controller_world.h"
#include "controller/core/fault_desk.h"
#include "controller/core/launch_flow.h"
#include "controller/core/move_stages.h"
#include "domain/messages.h"

namespace kilonova::controller {

class BuildResults {
 public:
  BuildResults(ControllerWorld& world, LaunchFlow& launches, MoveStages& stages, FaultDesk& faults)
      : world_(world), launches_(launches), stages_(stages), faults_(faults) {}

  Task<> on_report(Peer from, InstanceReport report);
  // The try has failed before a host had it, or when it was to be active: as on_report, and nobody is answered.
  Task<> on_own_failure(InstanceReport report);
  // Terminal, from a scheduler, for one server of the batch. With ControllerOptions::leaves_unplaced the row stays as it is.
  Task<> on_no_valid_host(PlacementId placement, std::string reason, Decision decision, std::vector<StepRecord> steps);
  // The build takes longer than instance_build_timeout allows: it is given up, as Nova's _check_instance_build_time does.
  Task<> give_up_build(Uuid instance);
  // A guest that the hypervisors' journal holds and no unanswered result speaks for: kept when it is of the current
  // epoch, else destroyed.
  Task<> on_guest_found(Peer from, GuestInfo guest);
  // The try is lost: the next epoch is committed and cast, or ERROR when no attempt is left, or after max_lost_casts.
  // `counts`: some host had listed it.
  Task<> rebuild_lost(PlacementId placement, bool counts, std::string why);

 private:
  void leave_unplaced(const Instance& row, std::string reason, Decision decision, std::vector<StepRecord> steps);
  void note_so_far(InstanceReport& report);
  // Step 13's faults. `ignored`: the report is not to be looked at, for one of them is being waited for, or lost it. A
  // report that one made fail is of another result then, and `fails`.
  struct StruckReport {
    bool ignored = false;
    bool fails = false;
    bool loses_answer = false;
    uint64_t rule_id = 0;
  };
  Task<StruckReport> strike_active(InstanceReport& report);
  // The same of a server that moves.
  Task<bool> commit_move_built(Instance next, InstanceReport report);
  Task<bool> commit_move_rescheduled(Instance next, InstanceReport report, bool anew);
  // The move comes to nothing.
  Task<bool> commit_move_failed(Instance next, InstanceReport report, std::string message, std::string details);
  Task<bool> commit_next_move_try(Instance next, bool counts, uint32_t lost_casts);
  Task<bool> commit_progress(Instance next, InstanceReport report);
  // When the report of step 13 came, and the fault rule that struck it.
  struct Arrival {
    WallTime time;
    Instant at;
    uint64_t struck_by = 0;
  };
  // commit_active, and nobody else is given these addresses meanwhile.
  Task<bool> commit_with_addresses(Instance next, InstanceReport report, Arrival arrival);
  Task<bool> commit_active(Instance next, InstanceReport report, Arrival arrival);
  // `anew`: its next host is not one of the alternates, but chosen as the first one was.
  Task<bool> commit_rescheduled(Instance next, InstanceReport report, bool anew = false);
  Task<bool> commit_failed(Instance next, InstanceReport report);
  // Of a report that ends a try: its launch record, with the row.
  Task<bool> commit_end(Instance next, InstanceReport& report, Transaction more);
  // `lost_casts`: of this server in a row, the one that ends here included.
  Task<bool> commit_next_try(Instance next, bool counts, uint32_t lost_casts);
  // Nova's late check: the first that a host says of a placement binds it there, unless that would break the policy of
  // the server's group. Then the report becomes one of a try that goes to another host. Hold it until the commit.
  struct GroupHold {
    KeyedLock<std::string>::Guard lock;
    bool is_broken = false;
  };
  Task<GroupHold> hold_group(const Instance& row, InstanceReport& report);
  bool are_no_addresses_of(const Instance& row, const std::vector<Address>& addresses) const;
  // The try of this host is over: its guest goes, and its addresses but for those that `kept_by` has (0 = nobody).
  void dismiss(const Peer& to, const std::string& host, const PlacementId& placement, const TraceContext& trace,
               uint64_t kept_by);
  void answer(const Peer& to, const std::string& host, PlacementId placement, ReportAnswer::Verdict verdict);

  ControllerWorld& world_;
  LaunchFlow& launches_;
  MoveStages& stages_;
  FaultDesk& faults_;
};

}  // namespace kilonova::controller
