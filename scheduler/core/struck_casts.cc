// Injected faults of steps 4 and 5 (kilonova fault add): what they delay waits in a flow of its own, what they make
// fail is reported as a host would report it, so that the server goes to another one or to ERROR.
#include <algorithm>
#include <iterator>
#include <utility>

#include "base/sometimes.h"
#include "domain/injected_fault.h"
#include "runtime/sleep.h"
#include "scheduler/core/scheduler_core.h"

namespace kilonova::scheduler {
namespace {

// Of one step, up to the first that fails; behind it nothing strikes. At step 4 no host is known.
std::vector<InjectedFault> striking_at(const std::vector<InjectedFault>& faults, LaunchStep step,
                                       std::string_view host) {
  std::vector<InjectedFault> striking = faults_at(faults, step, host);
  auto failing = std::ranges::find(striking, true, &InjectedFault::fails);
  if (failing != striking.end()) striking.erase(std::next(failing), striking.end());
  return striking;
}

Duration delay_of(const std::vector<InjectedFault>& faults) {
  Duration delay;
  for (const InjectedFault& fault : faults) delay = delay + fault.delay;
  return delay;
}

}  // namespace

// All servers of a call are placed together, so that they wait together, for the longest delay.
bool SchedulerCore::is_delayed(const Peer& controller, SelectDestinations& cast) {
  if (delayed_.contains(cast.cast_number)) {
    KN_SOMETIMES("scheduler: a cast is a repeat of one that is delayed");
    return true;
  }
  if (cast.cast_number <= cast_watermark_) return false;
  Duration delay;
  for (const PlacementRequest& request : cast.requests)
    delay = std::max(delay, delay_of(striking_at(request.faults, LaunchStep::kHostSelected, {})));
  if (delay.us == 0) return false;
  delayed_.insert(cast.cast_number);
  cast_watermark_ = std::max(cast_watermark_, cast.cast_number);
  scope_.spawn(select_later(controller, std::move(cast), delay));
  return true;
}

Task<void> SchedulerCore::select_later(Peer controller, SelectDestinations cast, Duration delay) {
  co_await sleep_for(loop_, delay);
  // Another controller's rows say what is to be done.
  auto heard = incarnations_.find(controller.id);
  if (heard == nullptr || *heard != controller.incarnation) {
    KN_SOMETIMES("scheduler: a delayed cast is of a controller that is gone");
    co_return;
  }
  const uint64_t number = cast.cast_number;
  select_destinations(controller, std::move(cast), true);
  delayed_.erase(delayed_.find(number));
}

void SchedulerCore::fail_selections(Batch& batch, std::vector<PlacementRequest*>& requests) {
  std::erase_if(requests, [&](PlacementRequest* request) {
    const std::vector<InjectedFault> faults = striking_at(request->faults, LaunchStep::kHostSelected, {});
    if (faults.empty() || !faults.back().fails) return false;
    Selection selection{.request = request};
    selection.alternates = batch.cast.alternates;
    report_failure(batch.cast, selection, faults.back(),
                   {.step = LaunchStep::kHostSelected,
                    .epoch = request->placement.epoch,
                    .attempt = request->attempt,
                    .daemon = self_,
                    .host = {},
                    .start = loop_.wall_now(),
                    .duration = {},
                    .fault = {}});
    return true;
  });
}

bool SchedulerCore::is_struck(const Batch& batch, const Selection& selection) {
  const std::string& host = hosts_.host(selection.host).name;
  const std::vector<InjectedFault> faults = striking_at(selection.request->faults, LaunchStep::kRunCast, host);
  if (faults.empty()) return false;
  hosts_.set_alternates(selection.request->placement, selection.alternates);
  // Without the other servers of the call: the flow outlives them.
  SelectDestinations cast = batch.cast;
  cast.requests = {*selection.request};
  const Duration delay = delay_of(faults);
  if (delay.us > 0) delayed_.insert(cast.cast_number);
  scope_.spawn(run_cast_later(batch.controller, std::move(cast), selection, delay));
  return true;
}

Task<void> SchedulerCore::run_cast_later(Peer controller, SelectDestinations cast, Selection selection,
                                         Duration delay) {
  PlacementRequest& request = cast.requests.front();
  selection.request = &request;
  const WallTime start = loop_.wall_now();
  const Instant started = loop_.now();
  const std::string host = hosts_.host(selection.host).name;
  const std::vector<InjectedFault> faults = striking_at(request.faults, LaunchStep::kRunCast, host);
  if (delay.us > 0) {
    co_await sleep_for(loop_, delay);
    auto heard = incarnations_.find(controller.id);
    if (heard == nullptr || *heard != controller.incarnation) co_return;
    delayed_.erase(delayed_.find(cast.cast_number));
  }
  if (!faults.back().fails) {
    // What no process takes is found by the controller: no host lists it.
    if (!run_cast(cast, selection))
      log_.event(LogLevel::kWarning, "a delayed cast was not sent",
                 {{"instance", to_string(request.placement.instance)}, {"host", host}});
    co_return;
  }
  hosts_.end_debit(request.placement);
  request.steps.push_back(selection.host_selected);
  log_.step(request.placement.instance, cast.trace, selection.host_selected);
  log_decision(request.placement.instance, selection.decision);
  report_failure(cast, selection, faults.back(),
                 {.step = LaunchStep::kRunCast,
                  .epoch = request.placement.epoch,
                  .attempt = request.attempt,
                  .daemon = self_,
                  .host = host,
                  .start = start,
                  .duration = loop_.now() - started,
                  .fault = {}});
}

void SchedulerCore::report_failure(const SelectDestinations& cast, const Selection& selection,
                                   const InjectedFault& fault, StepRecord step) {
  const PlacementRequest& request = *selection.request;
  InstanceReport report;
  report.host = step.host;
  report.placement = request.placement;
  report.attempt = request.attempt;
  report.trace = cast.trace;
  fail_try(fault, report);
  report.alternates = selection.alternates;
  report.decision = selection.decision;
  step.fault = report.fault.message;
  report.steps = request.steps;
  report.steps.push_back(step);
  // Those that delayed it count too.
  for (LaunchStep each : {LaunchStep::kHostSelected, LaunchStep::kRunCast})
    if (each <= step.step)
      for (const InjectedFault& struck : striking_at(request.faults, each, step.host))
        report.struck_faults.push_back(struck.rule_id);
  log_.step(request.placement.instance, cast.trace, step);
  transport_.send(PeerId{Role::kController, 0}, Message{.call = 0, .body = std::move(report)});
}

}  // namespace kilonova::scheduler
