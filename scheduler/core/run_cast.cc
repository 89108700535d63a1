// Step 5, run_cast: the scheduler itself casts to the chosen host, as in the 2011 article.
#include <fmt/format.h>

#include <utility>

#include "domain/decision_text.h"
#include "scheduler/core/scheduler_core.h"

namespace kilonova::scheduler {

// A process that takes no cast counts as unfit: the server goes to the next candidate, without that process's hosts.
void SchedulerCore::cast_all(Batch& batch) {
  for (Selection& selection : batch.selections) {
    if (is_struck(batch, selection)) continue;
    std::vector<HostIndex> ranking;
    bool selected = true;
    while (!run_cast(batch.cast, selection)) {
      const HostState& host = hosts_.host(selection.host);
      log_.event(LogLevel::kWarning, "a compute process takes no cast", {{"process", to_string(host.process)}});
      batch.wanted.unreachable.push_back(host.process);
      hosts_.end_debit(selection.request->placement);
      selected = select_host(batch, selection, 1, ranking);
      if (!selected) break;
      std::erase(selection.alternates, selection.decision.chosen);
      selection.decision.alternates = selection.alternates;
    }
    if (selected) {
      hosts_.set_alternates(selection.request->placement, std::move(selection.alternates));
    } else {
      report_no_valid_host(batch, {selection.request}, selection);
    }
  }
}

// False when the transport refused it: nothing was sent or logged.
bool SchedulerCore::run_cast(const SelectDestinations& cast, const Selection& selection, const Struck* struck) {
  WallTime wall_start = loop_.wall_now();
  Instant start = loop_.now();
  const PlacementRequest& request = *selection.request;
  const HostState& host = hosts_.host(selection.host);
  BuildAndRunInstance run{.host = host.name,
                          .placement = request.placement,
                          .attempt = request.attempt,
                          .operation = request.operation,
                          .name = request.name,
                          .hostname = request.hostname,
                          .trace = cast.trace,
                          .spec = cast.spec,
                          .alternates = selection.alternates,
                          .faults = request.faults,
                          .steps = request.steps,
                          .decision = selection.decision,
                          .shares_with = cast.shares_with,
                          .ticket = request.ticket};
  // A reschedule's host was selected, as an alternate, by the first decision: its trace repeats steps 5 to 12 only.
  bool selects = !selection.decision.from_alternates;
  if (selects) run.steps.push_back(selection.host_selected);
  StepRecord step{.step = LaunchStep::kRunCast,
                  .epoch = request.placement.epoch,
                  .attempt = request.attempt,
                  .daemon = self_,
                  .host = host.name,
                  .start = wall_start,
                  .duration = loop_.now() - start,
                  .fault = {},
                  .fault_rule = struck != nullptr ? struck->rule_id : 0};
  run.steps.push_back(step);
  const bool is_lost = struck != nullptr && struck->drops;
  if (!is_lost && !transport_.send(host.process, Message{.call = 0, .body = std::move(run)})) return false;
  if (selects) log_.step(request.placement.instance, cast.trace, selection.host_selected);
  log_.step(request.placement.instance, cast.trace, step);
  log_decision(request.placement.instance, selection.decision);
  return true;
}

// What `kilonova explain --from-logs` reads.
void SchedulerCore::log_decision(const Uuid& instance, const Decision& decision) {
  log_.event(LogLevel::kInfo, decision.chosen.empty() ? "no host" : "host chosen",
             {{"instance", to_string(instance)}, {"decision", to_text(decision)}});
}

// The same cast to the same host. Who got the first one ignores it; the decision of the first one is not kept.
void SchedulerCore::repeat_cast(const SelectDestinations& cast, PlacementRequest& request, const Debit& debit) {
  const std::string& host = hosts_.host(debit.host).name;
  Selection selection{.request = &request, .host = debit.host, .alternates = debit.alternates};
  selection.decision = Decision{.epoch = request.placement.epoch,
                                .attempt = request.attempt,
                                .scheduler = self_,
                                .driver = std::string(driver_->name()),
                                .chosen = host,
                                .alternates = debit.alternates,
                                .reason = "A repeated cast: it goes to the host selected first."};
  selection.host_selected = StepRecord{.step = LaunchStep::kHostSelected,
                                       .epoch = request.placement.epoch,
                                       .attempt = request.attempt,
                                       .daemon = self_,
                                       .host = host,
                                       .start = loop_.wall_now()};
  if (!run_cast(cast, selection))
    log_.event(LogLevel::kWarning, "a repeated cast was not sent",
               {{"instance", to_string(request.placement.instance)}, {"host", host}});
}

void SchedulerCore::report_no_valid_host(const Batch& batch, const std::vector<PlacementRequest*>& requests,
                                         const Selection& failed) {
  NoValidHost report{.reason = failed.decision.reason, .decision = failed.decision};
  report.decision.scheduler = self_;
  report.decision.driver = std::string(driver_->name());
  Decision decision = report.decision;
  StepRecord step = failed.host_selected;
  step.step = LaunchStep::kHostSelected;
  step.daemon = self_;
  step.host.clear();
  step.fault = report.reason;
  if (step.start == WallTime{}) step.start = loop_.wall_now();
  for (const PlacementRequest* request : requests) {
    report.placements.push_back(request->placement);
    step.epoch = request->placement.epoch;
    step.attempt = request->attempt;
    decision.epoch = step.epoch;
    decision.attempt = step.attempt;
    if (request == requests.front()) {
      report.steps = request->steps;
      report.steps.push_back(step);
      report.decision = decision;
    }
    log_.step(request->placement.instance, batch.cast.trace, step);
    log_decision(request->placement.instance, decision);
  }
  transport_.send(batch.controller.id, Message{.call = 0, .body = std::move(report)});
}

}  // namespace kilonova::scheduler
