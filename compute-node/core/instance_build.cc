#include "compute-node/core/instance_build.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "base/sometimes.h"
#include "domain/injected_fault.h"
#include "runtime/sleep.h"

namespace kilonova::compute {
namespace {

// A step that took less is told with what follows it.
constexpr Duration kWorthTelling = milliseconds(1);

// Until a call that a fault rule loses is made again.
constexpr Duration kLostCall = seconds(1);

}  // namespace

Task<void> build_and_run_instance(ComputeState* state, uint32_t host, BuildAndRunInstance cast) {
  InstanceBuild build(*state, host, std::move(cast));
  co_await build.run();
}

InstanceBuild::InstanceBuild(ComputeState& state, uint32_t host, BuildAndRunInstance cast)
    : state_(state), host_(host), key_{host, cast.placement.instance}, cast_(std::move(cast)) {}

Task<void> InstanceBuild::run() {
  auto lock = co_await state_.instance_locks.acquire(key_);
  // A guest of an older epoch: this cast supersedes it. Its addresses go with ours, or to whom we allocate.
  may_hold_addresses_ = state_.table.find(key_)->guest.has_value();
  co_await state_.destroy_guest(key_, cast_.placement.epoch);
  Semaphore::Permit slot;
  if (Semaphore* slots = state_.build_slots(host_)) slot = co_await slots->acquire();
  BuildStatus status = co_await do_build_and_run_instance();
  if (!status) {
    KN_SOMETIMES("compute: a failed build is cleaned up");
    co_await cleanup();
  }
  report(status);
}

Task<BuildStatus> InstanceBuild::do_build_and_run_instance() {
  BuildStatus status = co_await run_step(LaunchStep::kClaimed, instance_claim());
  if (status) status = co_await build_resources();
  if (status) status = co_await spawn();
  co_return status;
}

// Frees all that the try took. Addresses are asked back without waiting: AddressReleases goes on until it is confirmed.
Task<void> InstanceBuild::cleanup() {
  if (may_hold_addresses_) state_.releases.release(cast_.placement, cast_.trace, cast_.shares_with, cast_.ticket);
  co_await state_.destroy_guest(key_, cast_.placement.epoch);
}

void InstanceBuild::report(const BuildStatus& status) {
  if (!status && status.error().kind == BuildFailure::Kind::kStale) {
    KN_SOMETIMES("compute: a build is told that it is stale");
    state_.tracker.settle(host_, cast_.placement);
    state_.table.end_build(*state_.table.find(key_), nullptr);
    state_.forget_if_idle(key_);
    return;
  }
  InstanceReport report = new_report(BuildResult::kActive);
  if (status) {
    report.addresses = std::move(allocation_.addresses);
  } else {
    bool aborted = status.error().kind == BuildFailure::Kind::kAborted;
    report.result = aborted ? BuildResult::kFailed : BuildResult::kRescheduled;
    report.fault = status.error().fault;
    state_.tracker.settle(host_, cast_.placement);
  }
  report.alternates = std::move(cast_.alternates);
  report.steps = std::move(cast_.steps);
  report.decision = std::move(cast_.decision);
  state_.send_terminal_report(key_, std::move(report));
}

InstanceReport InstanceBuild::new_report(BuildResult result) const {
  InstanceReport report;
  report.host = host_name();
  report.placement = cast_.placement;
  report.attempt = cast_.attempt;
  report.result = result;
  report.step = step_;
  report.trace = cast_.trace;
  return report;
}

void InstanceBuild::report_progress() {
  InstanceReport report = new_report(BuildResult::kProgress);
  report.steps = cast_.steps;
  report.decision = cast_.decision;
  state_.ports.transport.send(kController, Message{0, std::move(report)});
}

Task<BuildStatus> InstanceBuild::run_step(LaunchStep step, Task<BuildStatus> work) {
  StepRecord record{.step = step,
                    .epoch = cast_.placement.epoch,
                    .attempt = cast_.attempt,
                    .daemon = state_.daemon,
                    .host = host_name(),
                    .start = state_.ports.loop.wall_now(),
                    .duration = {},
                    .fault = {}};
  Instant started = state_.ports.loop.now();
  if (state_.gates.closed()) {
    report_progress();  // where it waits is to be seen
    co_await state_.gates.pass(key_, std::string(to_string(step)));
  }
  const Struck struck = co_await strike_faults(step);
  record.fault_rule = struck.rule_id;
  // The call of step 7 is lost, or its answer: either way it is asked again, and gets the same addresses.
  if (struck.drops || struck.loses_reply) co_await sleep_for(state_.ports.loop, kLostCall);
  BuildStatus status = status_of(struck);
  if (status) status = co_await std::move(work);
  record.duration = state_.ports.loop.now() - started;
  if (status) {
    step_ = step;
  } else {
    record.fault = status.error().fault.message;
  }
  bool worth_telling = status.has_value() && record.duration >= kWorthTelling;
  record_step(std::move(record));
  if (worth_telling && step != LaunchStep::kGuestStarted) report_progress();
  co_return status;
}

void InstanceBuild::record_step(StepRecord record) {
  state_.ports.log.step(key_.instance, cast_.trace, record);
  cast_.steps.push_back(std::move(record));
}

// Only the faults of steps 6 to 12 strike here: the controller and the scheduler strike those of the other steps. Step 8
// is the network-controller's, which does not see the faults: it is struck when its reply arrives.
Task<Struck> InstanceBuild::strike_faults(LaunchStep step) {
  const bool is_network = step == LaunchStep::kAddressAllocated;
  const std::vector<InjectedFault> faults =
      faults_at(cast_.faults, step, host_name(), is_network ? to_string(kNetworkController) : state_.daemon);
  if (faults.empty()) co_return Struck{};
  report_progress();  // somebody may look meanwhile
  co_return co_await be_struck(&state_.faults, &state_.ports.loop, faults,
                               {.placement = cast_.placement, .host = host_name()}, !is_network);
}

BuildStatus InstanceBuild::status_of(const Struck& struck) const {
  if (!struck.fails) return {};
  const Error reason = injected_error(*struck.fails);
  if (struck.fails->aborts) return abort(reason);
  return reschedule(reason);
}

std::unexpected<BuildFailure> InstanceBuild::reschedule(const Error& reason) const {
  return std::unexpected(BuildFailure{BuildFailure::Kind::kRescheduled, rescheduled(key_.instance, reason)});
}

std::unexpected<BuildFailure> InstanceBuild::abort(const Error& reason) const {
  return std::unexpected(BuildFailure{BuildFailure::Kind::kAborted, aborted(key_.instance, reason)});
}

Guest& InstanceBuild::guest() {
  InstanceOnHost* entry = state_.table.find(key_);
  KN_CHECK(entry != nullptr && entry->guest && entry->guest->epoch == cast_.placement.epoch,
           "the guest of a running build is gone");
  return *entry->guest;
}

}  // namespace kilonova::compute
