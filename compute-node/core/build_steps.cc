// The work of steps 6 to 12, each as its function. instance_build.cc has the flow around them.
#include <fmt/format.h>

#include <utility>

#include "compute-node/core/instance_build.h"
#include "domain/resources.h"

namespace kilonova::compute {

// Step 6. The claim moves into the guest that the journal now knows of: both end with destroy_guest().
Task<BuildStatus> InstanceBuild::instance_claim() {
  Expected<Claim> claim = state_.tracker.instance_claim(host_, cast_.placement, resources_of(cast_.spec.flavor));
  if (!claim) co_return reschedule(claim.error());
  co_await state_.ports.hypervisor.claim_resources();
  Guest guest;
  guest.epoch = cast_.placement.epoch;
  guest.name = cast_.name;
  guest.claim = std::move(*claim);
  guest.shares_with = cast_.shares_with;
  Expected<> recorded = state_.ports.journal.put(state_.record_of(key_, guest, PowerState::kNoState, false));
  if (!recorded) co_return reschedule(recorded.error());
  state_.table.find(key_)->guest = std::move(guest);
  co_return BuildStatus();
}

Task<BuildStatus> InstanceBuild::build_resources() {
  BuildStatus status = co_await run_step(LaunchStep::kNetworkRequested, allocate_for_instance());
  // Step 8 was done, or refused, at the network-controller: its record belongs to the trace either way.
  for (StepRecord& record : allocation_.steps) cast_.steps.push_back(std::move(record));
  if (status) status = co_await take_addresses();
  if (status) status = co_await run_step(LaunchStep::kBlockDevicesMapped, block_device_mapping());
  co_return status;
}

// Step 7, the whole call. The repeat of an allocation is the same one, so it is asked for until the time is up.
Task<BuildStatus> InstanceBuild::allocate_for_instance() {
  AllocateAddresses request{.placement = cast_.placement,
                            .attempt = cast_.attempt,
                            .project_id = cast_.spec.project_id,
                            .host = host_name(),
                            .hostname = cast_.hostname,
                            .networks = cast_.spec.networks,
                            .trace = cast_.trace,
                            .shares_with = cast_.shares_with,
                            .ticket = cast_.ticket};
  const Duration timeout = state_.options.rpc_response_timeout;
  Expected<AllocateAddressesReply> reply = co_await state_.caller.call_repeatedly<AllocateAddressesReply>(
      kNetworkController, std::move(request), timeout, state_.random);
  may_hold_addresses_ = may_hold_addresses_ || reply || reply.error().code == ErrorCode::kDeadlineExceeded;
  if (!reply) {
    co_return abort({ErrorCode::kDeadlineExceeded, fmt::format("network allocation timed out: no answer within {} s",
                                                               static_cast<double>(timeout.us) / 1e6)});
  }
  if (reply->fault.message.empty()) {
    allocation_ = std::move(*reply);
    co_return BuildStatus();
  }
  allocation_.steps = std::move(reply->steps);
  if (reply->fault.code == ErrorCode::kConflict)
    co_return std::unexpected(BuildFailure{BuildFailure::Kind::kStale, std::move(reply->fault)});
  co_return abort(reply->fault);
}

Task<BuildStatus> InstanceBuild::take_addresses() {
  step_ = LaunchStep::kAddressAllocated;
  const Struck struck = co_await strike_faults(LaunchStep::kAddressAllocated);
  BuildStatus status = status_of(struck);
  if (cast_.steps.empty() || cast_.steps.back().step != LaunchStep::kAddressAllocated) co_return status;
  cast_.steps.back().fault_rule = struck.rule_id;
  if (!status) cast_.steps.back().fault = status.error().fault.message;
  co_return status;
}

// Step 9: root, ephemeral, swap.
Task<BuildStatus> InstanceBuild::block_device_mapping() {
  const Flavor& flavor = cast_.spec.flavor;
  guest().exists = true;
  co_await state_.ports.hypervisor.create_disks(1 + (flavor.ephemeral_gb > 0 ? 1 : 0) + (flavor.swap_mb > 0 ? 1 : 0));
  co_return BuildStatus();
}

Task<BuildStatus> InstanceBuild::spawn() {
  BuildStatus status = co_await run_step(LaunchStep::kImageReady, fetch_image());
  if (status) status = co_await run_step(LaunchStep::kGuestDefined, define_guest());
  if (status && cast_.shares_with != 0) co_return leave_off();
  if (status) status = co_await run_step(LaunchStep::kGuestStarted, start_guest());
  co_return status;
}

// Step 10.
Task<BuildStatus> InstanceBuild::fetch_image() {
  co_await state_.fetch_image(host_, cast_.spec.image);
  co_return BuildStatus();
}

// Step 11.
Task<BuildStatus> InstanceBuild::define_guest() {
  co_await state_.ports.hypervisor.define_guest();
  co_return BuildStatus();
}

// Step 12. The journal knows that the guest runs before anybody else is told.
Task<BuildStatus> InstanceBuild::start_guest() {
  co_await state_.ports.hypervisor.start_guest();
  co_return finish_guest(PowerState::kRunning);
}

// Of a server that moves here: it may still run on the host that it leaves.
BuildStatus InstanceBuild::leave_off() { return finish_guest(PowerState::kShutdown); }

BuildStatus InstanceBuild::finish_guest(PowerState power) {
  Guest& guest = this->guest();
  Expected<> recorded = state_.ports.journal.put(state_.record_of(key_, guest, power, true));
  if (!recorded) return reschedule(recorded.error());
  guest.power_state = power;
  guest.built = true;
  return {};
}

}  // namespace kilonova::compute
