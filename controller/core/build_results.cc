#include "controller/core/build_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/sometimes.h"
#include "controller/core/coming_addresses.h"
#include "controller/core/group_policy.h"
#include "controller/core/row_writer.h"
#include "controller/core/transitions.h"
#include "controller/core/used_epochs.h"
#include "domain/injected_fault.h"
#include "domain/nouns/host.h"

namespace kilonova::controller {
namespace {

// With more tries under way than these nobody looks at one of them, and what they tell would take memory.
constexpr size_t kToldTries = 20'000;

mutation::PutAllocation allocation_of(const Instance& row) {
  return {Allocation{row.uuid, row.current.epoch, row.current.host, resources_of(row.spec.flavor)}};
}

bool is_being_built(const Instance& row, const GuestInfo& guest) {
  const Placement* built = row.being_built();
  return built && built->epoch == guest.placement.epoch;
}

// The guest is one that the row wants, where it wants it.
bool is_wanted(const Instance* row, const GuestInfo& guest) {
  if (!row || row->task_state == TaskState::kDeleting) return false;
  const Placement* placement = placement_with_guest(*row, guest.placement.epoch);
  return placement && (placement->host.empty() || placement->host == guest.host);
}

// The host had less room than the scheduler saw. A claim that fails otherwise has another code.
bool is_refused_claim(const InstanceReport& report) {
  return report.result == BuildResult::kRescheduled && report.step < LaunchStep::kClaimed &&
         report.fault.code == ErrorCode::kResourceExhausted;
}

}  // namespace

Task<> BuildResults::on_own_failure(InstanceReport report) {
  co_await on_report(Peer{world_.transport.self(), 0}, std::move(report));
}

Task<BuildResults::StruckReport> BuildResults::strike_active(InstanceReport& report) {
  const PlacementId placement = report.placement;
  Drive* drive = world_.drives.find(placement.instance);
  if (!drive || drive->epoch != placement.epoch) co_return StruckReport{};
  if (drive->striking) co_return StruckReport{.ignored = true};
  if (drive->failing) {
    fail_try(*drive->failing, report);
    co_return StruckReport{.fails = true, .rule_id = drive->failing->rule_id};
  }
  const Instance* row = world_.instances.find(placement.instance);
  if (row == nullptr) co_return StruckReport{};
  const std::vector<InjectedFault> faults =
      faults_at(world_.faults.of_steps({row->name, row->spec.project_id}, LaunchStep::kActive, LaunchStep::kActive),
                LaunchStep::kActive, report.host, to_string(world_.transport.self()));
  if (faults.empty()) co_return StruckReport{};
  drive->striking = true;
  const Struck struck =
      co_await be_struck(&faults_, &world_.loop, faults, {.placement = placement, .host = report.host});
  drive = world_.drives.find(placement.instance);
  if (!drive || drive->epoch != placement.epoch) co_return StruckReport{};  // it is judged by the row
  drive->striking = false;
  drive->failing = struck.fails;
  if (struck.fails) fail_try(*struck.fails, report);
  co_return StruckReport{struck.drops, struck.fails.has_value(), struck.loses_reply, struck.rule_id};
}

Task<> BuildResults::on_report(Peer from, InstanceReport report) {
  WallTime arrived = world_.loop.wall_now();
  Instant arrived_at = world_.loop.now();
  const BuildResult said = report.result;
  StruckReport struck;
  if (said == BuildResult::kActive) struck = co_await strike_active(report);
  if (struck.ignored) co_return;
  auto lock = co_await world_.instance_locks.acquire(report.placement.instance);
  const Instance* row = world_.instances.find(report.placement.instance);
  bool terminal = report.result != BuildResult::kProgress;
  if (!terminal) note_so_far(report);
  std::string host = report.host;
  PlacementId placement = report.placement;
  // As it was said: a fault that struck while another flow made the server ACTIVE comes too late.
  const BuildResult result = std::exchange(report.result, said);
  const Verdict verdict = judge_report(row, report);
  report.result = result;
  switch (verdict) {
    case Verdict::kStale:
      KN_SOMETIMES("controller: a report is stale");
      answer(from, host, placement, ReportAnswer::Verdict::kStale);
      co_return;
    case Verdict::kRepeat:
      KN_SOMETIMES("controller: a report is a repeat");
      if (terminal) answer(from, host, placement, ReportAnswer::Verdict::kAccepted);
      co_return;
    case Verdict::kApply: break;
  }
  if (!host.empty() && world_.drives.find(placement.instance)) world_.drives.list(placement.instance, host);
  if (struck.fails) {
    StepRecord step = controller_step(world_, LaunchStep::kActive, *row, arrived, world_.loop.now() - arrived_at);
    step.host = host;
    step.epoch = placement.epoch;
    step.fault = report.fault.message;
    step.fault_rule = struck.rule_id;
    world_.log.step(row->uuid, row->trace, step);
    report.steps.push_back(std::move(step));
  }
  const GroupHold group = co_await hold_group(*row, report);
  const TraceContext trace = row->trace;
  const uint64_t kept_by = row->move ? row->current.epoch : 0;
  const bool conflict = is_refused_claim(report);
  const bool taken = report.result == BuildResult::kActive && are_no_addresses_of(*row, report.addresses);
  bool committed = false;
  switch (report.result) {
    case BuildResult::kProgress: committed = co_await commit_progress(*row, std::move(report)); break;
    case BuildResult::kActive:
      committed = taken
                      ? co_await commit_next_try(*row, row->move.has_value(), 0)
                      : co_await commit_with_addresses(*row, std::move(report), {arrived, arrived_at, struck.rule_id});
      break;
    case BuildResult::kRescheduled:
      committed = co_await commit_rescheduled(*row, std::move(report), group.is_broken);
      break;
    case BuildResult::kFailed: committed = co_await commit_failed(*row, std::move(report)); break;
    case BuildResult::kLost: committed = co_await commit_next_try(*row, true, 0); break;
  }
  if (committed && conflict) ++world_.claim_conflicts;
  if (!committed) KN_SOMETIMES("controller: the store refuses what a report says");
  if (!committed) co_return;
  if (struck.fails || taken || group.is_broken) {
    dismiss(from, host, placement, trace, kept_by);
  } else if (terminal && !struck.loses_answer) {
    answer(from, host, placement, ReportAnswer::Verdict::kAccepted);
  }
}

// A guest that was not to become a server's has nobody who wants it, and its host may have no ticket any more.
void BuildResults::dismiss(const Peer& to, const std::string& host, const PlacementId& placement,
                           const TraceContext& trace, uint64_t kept_by) {
  answer(to, host, placement, ReportAnswer::Verdict::kStale);
  world_.returns.release(placement, trace, kept_by);
}

Task<BuildResults::GroupHold> BuildResults::hold_group(const Instance& row, InstanceReport& report) {
  GroupHold hold;
  const Placement* placement = row.being_built();
  const bool binds = placement != nullptr && placement->host.empty() &&
                     (report.result == BuildResult::kProgress || report.result == BuildResult::kActive);
  if (!binds || row.spec.hints.group.is_nil()) co_return hold;
  // The caller has the server's lock: its row stays as it is meanwhile.
  hold.lock = co_await world_.record_locks.acquire(group_lock(row.spec.hints.group));
  std::string broken = broken_policy(world_, row, report.host);
  if (broken.empty()) co_return hold;
  world_.log.event(LogLevel::kInfo, "the policy of its server group forbids the host",
                   {{"instance", to_string(row.uuid)}, {"host", report.host}, {"why", broken}});
  hold.is_broken = true;
  if (!report.steps.empty()) report.steps.back().fault = broken;
  report.result = BuildResult::kRescheduled;
  report.fault = {ErrorCode::kConflict, std::move(broken)};
  report.alternates.clear();  // they were found when the group was elsewhere
  co_return hold;
}

// The network-controller's store went back, and gave out once more what a server has, or did not know what one that
// moves has. That one's move begins again, and costs an attempt: an audit mends it later, and a server that stays where
// it is loses nothing.
bool BuildResults::are_no_addresses_of(const Instance& row, const std::vector<Address>& addresses) const {
  const std::vector<Address>& kept = row.current.addresses;
  if (row.move && !kept.empty() && digest_of(kept) != digest_of(addresses)) {
    world_.log.event(LogLevel::kWarning, "a server that moves was given other addresses: its move begins again",
                     {{"instance", to_string(row.uuid)}});
    return true;
  }
  if (!are_of_another(world_, row, addresses)) return false;
  KN_SOMETIMES("controller: an address was given out twice");
  const Instance* owner = world_.instances.other_with(row.uuid, addresses);
  world_.log.event(LogLevel::kWarning, "an address was given out that another server has: its build begins again",
                   {{"instance", to_string(row.uuid)}, {"owner", owner == nullptr ? "" : to_string(owner->uuid)}});
  return true;
}

Task<bool> BuildResults::commit_with_addresses(Instance next, InstanceReport report, Arrival arrival) {
  const ComingAddresses coming(world_, next.id, report.addresses);
  co_return co_await commit_active(std::move(next), std::move(report), arrival);
}

// In memory alone: what the try has done is stored when it ends.
void BuildResults::note_so_far(InstanceReport& report) {
  Drive* drive = world_.drives.find(report.placement.instance);
  if (!drive || drive->epoch != report.placement.epoch || report.steps.size() <= drive->told.size()) return;
  if (world_.drives.all().size() > kToldTries) return;
  drive->told = std::move(report.steps);
  drive->decision = std::move(report.decision);
}

Task<bool> BuildResults::commit_progress(Instance next, InstanceReport report) {
  Transaction more;
  if (next.move) {
    MoveChanges changes(world_);
    changes.progress(next, report);
    changes.put(more);
    const bool committed = co_await world_.rows.commit(std::move(next), std::move(more));
    if (committed) changes.apply();
    co_return committed;
  }
  bool binds = next.current.host.empty();
  apply_progress(next, report, world_.loop.wall_now());
  if (binds) more.push_back(allocation_of(next));
  co_return co_await world_.rows.commit(std::move(next), std::move(more));
}

Task<bool> BuildResults::commit_active(Instance next, InstanceReport report, Arrival arrival) {
  if (next.move) co_return co_await commit_move_built(std::move(next), std::move(report));
  apply_active(next, report.host, std::move(report.addresses), world_.loop.wall_now());
  StepRecord step = controller_step(world_, LaunchStep::kActive, next, arrival.time, world_.loop.now() - arrival.at);
  step.fault_rule = arrival.struck_by;
  report.steps.push_back(step);
  Transaction more;
  if (!world_.allocations.find(next.placement_id())) more.push_back(allocation_of(next));
  Uuid uuid = next.uuid;
  TraceContext trace = next.trace;
  if (!co_await commit_end(std::move(next), report, std::move(more))) co_return false;
  world_.log.step(uuid, trace, step);
  co_return true;
}

Task<bool> BuildResults::commit_rescheduled(Instance next, InstanceReport report, bool anew) {
  if (next.move) co_return co_await commit_move_rescheduled(std::move(next), std::move(report), anew);
  const PlacementId failed = next.placement_id();
  if (!report.host.empty()) next.tried_hosts.push_back(report.host);
  next.alternates = report.alternates;
  // One that never had a host used up none of them: its next selection is a fresh one.
  const bool forced = !report.host.empty() && !next.spec.forced_host.empty();
  bool again = report.host.empty() || anew ? next.attempt < world_.options.max_attempts && !forced
                                           : may_reschedule(next, world_.options.max_attempts);
  WallTime now = world_.loop.wall_now();
  if (again) {
    apply_next_try(next, true, now, used_epoch(world_, next.uuid));
  } else {
    // Nova's text where other hosts could have been tried; else what this one said (Nova: no retry information).
    const bool one_host = !next.spec.forced_host.empty() || world_.options.max_attempts == 1;
    std::string message =
        one_host && !report.fault.message.empty() ? report.fault.message : max_retries_message(next.uuid);
    apply_error(next, std::move(message), report.fault.message, now);
  }
  Uuid uuid = next.uuid;
  Transaction more;
  more.push_back(mutation::EraseAllocation{failed});
  if (!co_await commit_end(std::move(next), report, std::move(more))) co_return false;
  if (again) launches_.build_instances(*world_.instances.find(uuid));
  co_return true;
}

Task<bool> BuildResults::commit_failed(Instance next, InstanceReport report) {
  if (next.move) {
    std::string message = report.fault.message;
    co_return co_await commit_move_failed(std::move(next), std::move(report), message, message);
  }
  // The host words it, as Nova's BuildAbortException does: "Build of instance ... aborted: ...".
  apply_error(next, report.fault.message, report.fault.message, world_.loop.wall_now());
  Transaction more;
  more.push_back(mutation::EraseAllocation{next.placement_id()});
  co_return co_await commit_end(std::move(next), report, std::move(more));
}

Task<bool> BuildResults::commit_end(Instance next, InstanceReport& report, Transaction more) {
  Uuid uuid = next.uuid;
  std::vector<Decision> decisions;
  if (!report.decision.driver.empty()) decisions.push_back(std::move(report.decision));
  more.push_back(mutation::AppendLaunchRecord{uuid, std::move(report.steps), std::move(decisions)});
  if (!co_await world_.rows.commit(std::move(next), std::move(more))) co_return false;
  end_drive(world_, uuid);
  co_return true;
}

Task<> BuildResults::on_no_valid_host(PlacementId placement, std::string reason, Decision decision,
                                      std::vector<StepRecord> steps) {
  auto lock = co_await world_.instance_locks.acquire(placement.instance);
  const Instance* row = world_.instances.find(placement.instance);
  const Placement* built = row ? row->being_built() : nullptr;
  if (!built || built->epoch != placement.epoch || !built->host.empty()) {
    KN_SOMETIMES("controller: no valid host for a placement that is over");
    co_return;
  }
  if (world_.options.leaves_unplaced && !row->move)
    co_return leave_unplaced(*row, std::move(reason), std::move(decision), std::move(steps));
  Instance next = *row;
  std::string message = next.tried_hosts.empty() ? std::move(reason) : max_retries_message(next.uuid);
  std::string details = decision.reason;
  if (!decision.explanation.empty()) details += (details.empty() ? "" : " ") + decision.explanation;
  InstanceReport end;
  end.steps = std::move(steps);
  end.decision = std::move(decision);
  if (next.move) {
    co_await commit_move_failed(std::move(next), std::move(end), std::move(message), std::move(details));
    co_return;
  }
  apply_error(next, std::move(message), std::move(details), world_.loop.wall_now());
  bool committed = co_await commit_end(std::move(next), end, {});
  // Unanswered casts are found by the watchdog: the scheduler's watermark has passed this one and no host lists it.
  if (!committed) co_return;
}

void BuildResults::leave_unplaced(const Instance& row, std::string reason, Decision decision,
                                  std::vector<StepRecord> steps) {
  world_.log.event(LogLevel::kWarning, "no valid host: the server stays in scheduling",
                   {{"instance", to_string(row.uuid)}, {"reason", std::move(reason)}});
  Drive* drive = world_.drives.find(row.uuid);
  if (!drive || drive->epoch != row.being_built()->epoch) return;
  drive->unplaced = true;
  drive->told = std::move(steps);
  drive->decision = std::move(decision);
}

Task<> BuildResults::on_guest_found(Peer from, GuestInfo guest) {
  AllocateAddresses repeat;
  {
    auto lock = co_await world_.instance_locks.acquire(guest.placement.instance);
    const Instance* row = world_.instances.find(guest.placement.instance);
    if (!is_wanted(row, guest)) {
      KN_SOMETIMES("controller: a registration names a guest that nobody wants");
      answer(from, guest.host, guest.placement, ReportAnswer::Verdict::kStale);
      co_return;
    }
    if (!is_being_built(*row, guest) || !guest.built) co_return;
    const bool has_none = row->move && row->current.addresses.empty();
    repeat = {guest.placement,      row->attempt,
              row->spec.project_id, guest.host,
              row->hostname,        has_none ? std::vector<Uuid>() : row->spec.networks,
              row->trace,           row->move ? row->current.epoch : 0};
  }
  KN_SOMETIMES("controller: a guest was built unheard");
  // The host finished this build and forgot it before it could say so. Its addresses are asked for again: a repeat gets
  // the same ones. Not under the lock: a delete need not wait for that.
  auto reply = co_await world_.caller.call_repeatedly<AllocateAddressesReply>(
      PeerId{Role::kNetwork, 0}, std::move(repeat), world_.options.rpc_response_timeout, world_.random);
  const bool answered = reply && reply->fault.message.empty();
  if (!answered) KN_SOMETIMES("controller: the addresses of a guest that was built unheard cannot be had");
  if (!answered) co_await rebuild_lost(guest.placement, true, "the addresses of its guest could not be had again");
  auto lock = co_await world_.instance_locks.acquire(guest.placement.instance);
  const Instance* row = world_.instances.find(guest.placement.instance);
  if (!is_wanted(row, guest)) {
    KN_SOMETIMES("controller: a guest that was built unheard is not wanted any more");
    answer(from, guest.host, guest.placement, ReportAnswer::Verdict::kStale);
    co_return;
  }
  if (!is_being_built(*row, guest)) co_return;
  if (Drive* drive = world_.drives.find(guest.placement.instance)) {
    drive->found_by = 0;
    if (drive->removed_from == guest.host) co_return;  // the watchdog finds that nobody lists it any more
  }
  if (!answered) co_return;  // not even the rebuild could be committed: the watchdog tries again
  const TraceContext trace = row->trace;
  const uint64_t kept_by = row->move ? row->current.epoch : 0;
  if (are_no_addresses_of(*row, reply->addresses)) {
    if (co_await commit_next_try(*row, row->move.has_value(), 0))
      dismiss(from, guest.host, guest.placement, trace, kept_by);
    co_return;
  }
  InstanceReport report;
  report.host = guest.host;
  report.placement = guest.placement;
  report.result = BuildResult::kActive;
  report.addresses = std::move(reply->addresses);
  if (const Drive* drive = world_.drives.find(guest.placement.instance)) report.steps = drive->steps;
  const GroupHold group = co_await hold_group(*row, report);
  if (group.is_broken) {
    if (co_await commit_rescheduled(*row, std::move(report), true))
      dismiss(from, guest.host, guest.placement, trace, kept_by);
    co_return;
  }
  co_await commit_with_addresses(*row, std::move(report), {world_.loop.wall_now(), world_.loop.now()});
}

Task<> BuildResults::rebuild_lost(PlacementId placement, bool counts, std::string why) {
  auto lock = co_await world_.instance_locks.acquire(placement.instance);
  const Instance* row = world_.instances.find(placement.instance);
  const Placement* built = row ? row->being_built() : nullptr;
  if (!built || built->epoch != placement.epoch) co_return;
  world_.log.event(LogLevel::kWarning, "a try was lost",
                   {{"instance", to_string(placement.instance)},
                    {"epoch", fmt::format("{}", placement.epoch)},
                    {"host", built->host},
                    {"why", std::move(why)}});
  const Drive* drive = world_.drives.find(placement.instance);
  const std::string host = drive && built->host.empty() ? drive->host : built->host;
  const bool vanished = drive && !counts && !drive->excused;
  if (vanished) KN_SOMETIMES("controller: a cast vanished");
  const uint32_t lost_casts = counts || !drive ? 0 : drive->lost_casts + (vanished ? 1 : 0);
  bool committed = co_await commit_next_try(*row, counts, lost_casts);
  if (!committed) {
    KN_SOMETIMES("controller: the store refuses the next try of a lost one");
    co_return;  // still lost at the watchdog's next look
  }
  // In case that it has something of it all the same.
  auto carried = world_.records.of<Host>().find(host);
  if (carried != world_.records.of<Host>().end())
    answer(Peer{carried->second.process, 0}, host, placement, ReportAnswer::Verdict::kStale);
}

Task<bool> BuildResults::commit_next_try(Instance next, bool counts, uint32_t lost_casts) {
  if (next.move) co_return co_await commit_next_move_try(std::move(next), counts, lost_casts);
  const PlacementId lost = next.placement_id();
  const bool vanishes = lost_casts >= world_.options.max_lost_casts;
  bool exhausted = vanishes || (counts && next.attempt >= world_.options.max_attempts);
  if (exhausted) KN_SOMETIMES("controller: the last try was lost");
  if (vanishes) {
    apply_error(
        next, lost_casts_message(next.uuid, lost_casts),
        "a message of it cannot be read, or its hosts' compute processes die of it or drop it: see the daemons' logs",
        world_.loop.wall_now());
  } else if (exhausted) {
    apply_error(next, max_retries_message(next.uuid), "the last try was lost with its host", world_.loop.wall_now());
  } else {
    next.alternates.clear();  // a fresh selection: the hosts left over may be as dead
    apply_next_try(next, counts, world_.loop.wall_now(), used_epoch(world_, next.uuid));
  }
  Uuid uuid = next.uuid;
  Transaction more;
  more.push_back(mutation::EraseAllocation{lost});
  const TraceContext trace = next.trace;
  if (!co_await world_.rows.commit(std::move(next), std::move(more))) co_return false;
  end_drive(world_, uuid);
  // Its host may be gone, or have forgotten its ticket. If this is lost, an audit finds it.
  world_.transport.send(PeerId{Role::kNetwork, 0}, Message{0, ReleaseAddresses{lost, trace}});
  if (exhausted) co_return true;
  launches_.build_instances(*world_.instances.find(uuid));
  world_.drives.find(uuid)->lost_casts = lost_casts;
  co_return true;
}

void BuildResults::answer(const Peer& to, const std::string& host, PlacementId placement,
                          ReportAnswer::Verdict verdict) {
  if (to.id.role != Role::kCompute) return;  // a scheduler, or this controller, keeps nothing of it
  world_.transport.send(to.id, Message{0, ReportAnswer{host, placement, verdict}});
}

}  // namespace kilonova::controller
