// Injected faults of steps 4 and 5 (kilonova fault add): a cast that one may strike waits in a flow of its own until the
// controller has decided; what fails is reported as a host would report it, so that the server goes to another one or to
// ERROR.
#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/sometimes.h"
#include "domain/injected_fault.h"
#include "runtime/when_all.h"
#include "scheduler/core/scheduler_core.h"

namespace kilonova::scheduler {

std::vector<InjectedFault> SchedulerCore::faults_of(const PlacementRequest& request, LaunchStep step,
                                                    std::string_view host) const {
  return faults_at(request.faults, step, host, self_);
}

// All servers of a call are placed together, so that they wait together, for the longest delay.
bool SchedulerCore::is_delayed(const Peer& controller, SelectDestinations& cast) {
  if (delayed_.contains(cast.cast_number)) {
    KN_SOMETIMES("scheduler: a cast is a repeat of one that is delayed");
    return true;
  }
  if (cast.cast_number <= cast_watermark_) return false;
  const bool may_be_struck = std::ranges::any_of(cast.requests, [&](const PlacementRequest& request) {
    return !faults_of(request, LaunchStep::kHostSelected, {}).empty();
  });
  if (!may_be_struck) return false;
  delayed_.insert(cast.cast_number);
  cast_watermark_ = std::max(cast_watermark_, cast.cast_number);
  scope_.spawn(select_later(controller, std::move(cast)));
  return true;
}

Task<void> SchedulerCore::select_later(Peer controller, SelectDestinations cast) {
  std::vector<Task<Struck>> strikes;
  for (const PlacementRequest& request : cast.requests)
    strikes.push_back(be_struck(&judge_, &loop_, faults_of(request, LaunchStep::kHostSelected, {}),
                                {.placement = request.placement}));
  const std::vector<Struck> struck = co_await when_all(loop_, std::move(strikes));
  // Another controller's rows say what is to be done.
  auto heard = incarnations_.find(controller.id);
  if (heard == nullptr || *heard != controller.incarnation) {
    KN_SOMETIMES("scheduler: a delayed cast is of a controller that is gone");
    co_return;
  }
  std::map<PlacementId, Struck> by_placement;
  for (size_t i = 0; i < struck.size(); ++i)
    if (struck[i].rule_id != 0) by_placement.emplace(cast.requests[i].placement, struck[i]);
  const uint64_t number = cast.cast_number;
  struck_ = std::move(by_placement);
  select_destinations(controller, std::move(cast), true);
  struck_.clear();
  delayed_.erase(delayed_.find(number));
}

uint64_t SchedulerCore::rule_that_struck(const PlacementId& placement) const {
  auto struck = struck_.find(placement);
  return struck == struck_.end() ? 0 : struck->second.rule_id;
}

void SchedulerCore::fail_selections(Batch& batch, std::vector<PlacementRequest*>& requests) {
  std::erase_if(requests, [&](PlacementRequest* request) {
    auto struck = struck_.find(request->placement);
    if (struck == struck_.end() || !struck->second.fails) return false;
    Selection selection{.request = request};
    selection.alternates = batch.cast.alternates;
    report_failure(batch.cast, selection, *struck->second.fails,
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
  if (faults_of(*selection.request, LaunchStep::kRunCast, host).empty()) return false;
  hosts_.set_alternates(selection.request->placement, selection.alternates);
  // Without the other servers of the call: the flow outlives them.
  SelectDestinations cast = batch.cast;
  cast.requests = {*selection.request};
  delayed_.insert(cast.cast_number);
  scope_.spawn(run_cast_later(batch.controller, std::move(cast), selection));
  return true;
}

Task<void> SchedulerCore::run_cast_later(Peer controller, SelectDestinations cast, Selection selection) {
  PlacementRequest& request = cast.requests.front();
  selection.request = &request;
  const WallTime start = loop_.wall_now();
  const Instant started = loop_.now();
  const std::string host = hosts_.host(selection.host).name;
  const Struck struck = co_await be_struck(&judge_, &loop_, faults_of(request, LaunchStep::kRunCast, host),
                                           {.placement = request.placement, .host = host});
  auto heard = incarnations_.find(controller.id);
  if (heard == nullptr || *heard != controller.incarnation) co_return;
  delayed_.erase(delayed_.find(cast.cast_number));
  if (!struck.fails) {
    // What no process takes is found by the controller, as what is lost: no host lists it.
    if (!run_cast(cast, selection, &struck))
      log_.event(LogLevel::kWarning, "a delayed cast was not sent",
                 {{"instance", to_string(request.placement.instance)}, {"host", host}});
    co_return;
  }
  hosts_.end_debit(request.placement);
  request.steps.push_back(selection.host_selected);
  log_.step(request.placement.instance, cast.trace, selection.host_selected);
  log_decision(request.placement.instance, selection.decision);
  report_failure(cast, selection, *struck.fails,
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
  step.fault_rule = fault.rule_id;
  report.steps = request.steps;
  report.steps.push_back(step);
  log_.step(request.placement.instance, cast.trace, step);
  transport_.send(PeerId{Role::kController, 0}, Message{.call = 0, .body = std::move(report)});
}

}  // namespace kilonova::scheduler
