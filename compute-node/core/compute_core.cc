#include "compute-node/core/compute_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/sometimes.h"
#include "compute-node/core/host_actions.h"
#include "compute-node/core/instance_build.h"
#include "compute-node/core/instance_removal.h"
#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/epochs.h"
#include "domain/nouns/host.h"
#include "domain/nouns/server_request.h"
#include "domain/server_actions.h"
#include "ports/door.h"

namespace kilonova::compute {

ComputeCore::ComputeCore(ComputePorts ports, ComputeOptions options, std::vector<HostInfo> hosts)
    : state_(ports, options, std::move(hosts)),
      scope_(ports.loop),
      host_flows_(state_.hosts.size()),
      registration_(state_, scope_) {}

Scope& ComputeCore::flows_of(uint32_t host) {
  std::unique_ptr<Scope>& flows = host_flows_[host];
  if (!flows) flows = std::make_unique<Scope>(state_.ports.loop);
  return *flows;
}

Expected<> ComputeCore::start() {
  Expected<std::vector<GuestRecord>> records = state_.ports.journal.load();
  if (!records) return std::unexpected(records.error());
  for (const GuestRecord& record : *records) adopt_guest(record);
  registration_.start();
  return {};
}

void ComputeCore::adopt_guest(const GuestRecord& record) {
  std::optional<uint32_t> host = state_.find_host(record.host);
  if (!host) {
    ignore("the journal has a guest of a host that is not carried any more", record.host, record.placement);
    return;
  }
  const HostInstance key{*host, record.placement.instance};
  InstanceOnHost& entry = state_.table.find_or_create(key);
  entry.epoch = record.placement.epoch;
  entry.guest = Guest{.epoch = record.placement.epoch,
                      .name = record.name,
                      .power_state = record.power_state,
                      .built = record.built,
                      .exists = true,
                      .claim = state_.tracker.adopt(*host, record.placement, record.resources),
                      .shares_with = record.shares_with};
  entry.shares_with = record.shares_with;
  if (!record.built) remove_lost_build_of(entry);
}

void ComputeCore::remove_lost_build_of(InstanceOnHost& entry) {
  KN_SOMETIMES("compute: a build was lost with its process or its host");
  state_.table.start_build(entry, entry.guest->epoch);
  entry.work = flows_of(entry.key.host).spawn(remove_lost_build(&state_, entry.key));
}

bool ComputeCore::crash_host(std::string_view name) {
  std::optional<uint32_t> host = state_.find_host(name);
  if (!host || state_.hosts[*host].down) return host.has_value();
  state_.hosts[*host].down = true;
  host_flows_[*host].reset();
  std::vector<HostInstance> known;
  for (const InstanceOnHost& entry : state_.table.entries())
    if (entry.key.host == *host) known.push_back(entry.key);
  for (const HostInstance& key : known) {
    InstanceOnHost& entry = *state_.table.find(key);
    entry.work = 0;
    entry.operation = 0;
    entry.operation_done = false;
    entry.operation_fault.reset();
    state_.table.end_build(entry, nullptr);
    state_.table.drop_report(entry);
    if (entry.guest) {
      entry.epoch =
          entry.guest->epoch;  // a delete that was under way is forgotten, as the journal knows the guest only
      entry.guest->power_state = after_power_loss(entry.guest->power_state);
    }
    state_.forget_if_idle(key);
  }
  return true;
}

bool ComputeCore::start_host(std::string_view name) {
  std::optional<uint32_t> host = state_.find_host(name);
  if (!host || !state_.hosts[*host].down) return host.has_value();
  state_.hosts[*host].down = false;
  for (InstanceOnHost& entry : state_.table.entries())
    if (entry.key.host == *host && entry.guest && !entry.guest->built) remove_lost_build_of(entry);
  registration_.again();
  return true;
}

void ComputeCore::on_peer_up(const Peer& peer) {
  if (peer.id == kController) {
    registration_.on_controller_up(peer);
    state_.caller.on_peer_up(peer);
  } else if (peer.id == kNetworkController) {
    bool restarted = std::exchange(state_.network_incarnation, peer.incarnation) != peer.incarnation;
    if (restarted) state_.releases.resend({});
    state_.caller.on_peer_up(peer);
  } else if (peer.id.role == Role::kScheduler) {
    state_.publisher.on_scheduler_up(peer);
  }
}

void ComputeCore::on_peer_down(const Peer& peer) {
  if (peer.id == kController) registration_.on_controller_down();
  if (peer.id == kController) state_.caller.on_peer_down(peer);
  if (peer.id == kNetworkController) state_.caller.on_peer_down(peer);
  if (peer.id.role == Role::kScheduler) state_.publisher.on_scheduler_down(peer);
}

void ComputeCore::on_message(const Peer& from, Message message) {
  if (!may_enter(state_.ports.log, from, Role::kCompute, message)) return;
  Message::Body& body = message.body;
  if (auto* cast = get_if<BuildAndRunInstance>(&body)) {
    on(std::move(*cast));
  } else if (holds_alternative<AllocateAddressesReply>(body) || holds_alternative<FaultVerdict>(body)) {
    state_.caller.complete(from.id, message.call, std::move(body));
  } else if (auto* released = get_if<AddressesReleased>(&body)) {
    state_.releases.on_released(*released);
  } else if (auto* answer = get_if<ReportAnswer>(&body)) {
    on(*answer);
  } else if (auto* terminate = get_if<TerminateInstance>(&body)) {
    on(*terminate);
  } else if (auto* action = get_if<ApplyServerAction>(&body)) {
    on(std::move(*action));
  } else if (auto* registered = get_if<RegisterHostsAnswer>(&body)) {
    registration_.on_answer(*registered);
  } else if (auto* deleted = get_if<HostsDeleted>(&body)) {
    registration_.on_deleted(*deleted);
  } else if (auto* owners = get_if<OwnershipAnswer>(&body)) {
    on(*owners);
  } else if (auto* cached = get_if<CacheImages>(&body)) {
    on(std::move(*cached));
  } else if (auto* call = get_if<ApiCall>(&body)) {
    answer_call(from, message.call, *call);
  }
}

void ComputeCore::answer_call(const Peer& from, uint64_t call_id, const ApiCall& call) {
  ApiReply reply{fail(ErrorCode::kUnimplemented, "a compute node does not know this operation")};
  if (const auto* power = get_if<SetHostPower>(&call.request)) {
    reply.result = set_host_power(*power);
  } else if (const auto* step = get_if<StepServer>(&call.request)) {
    reply.result = step_server(*step);
  } else if (const auto* read = get_if<ReadBeliefs>(&call.request)) {
    Expected<BeliefPage> page = beliefs(*read);
    if (page) {
      reply.result = *std::move(page);
    } else {
      reply.result = std::unexpected(std::move(page.error()));
    }
  }
  state_.ports.transport.send(from.id, Message{call_id, std::move(reply)});
}

Expected<ApiResponse> ComputeCore::step_server(const StepServer& request) {
  if (!state_.gates.closed())
    return fail(ErrorCode::kConflict,
                "the hosts of this cloud wait for nobody: it was not started with --timing manual");
  const std::optional<Uuid> instance = parse_uuid(request.server);
  std::optional<std::string> step = instance ? state_.gates.let_go(*instance) : std::nullopt;
  if (!step) return fail(ErrorCode::kNotFound, fmt::format("no step of server '{}' waits here", request.server));
  return ApiResponse(ServerStep{std::move(*step)});
}

Expected<ApiResponse> ComputeCore::set_host_power(const SetHostPower& request) {
  bool known = request.on ? start_host(request.host) : crash_host(request.host);
  if (!known)
    return fail(ErrorCode::kNotFound, fmt::format("host '{}' is not carried by {}", request.host, state_.daemon));
  state_.ports.log.event(LogLevel::kWarning, request.on ? "a host has its power again" : "a host lost its power",
                         {{"host", request.host}});
  registration_.tell_now();
  return ApiResponse(Empty{});
}

// The fence: a placement is built once, and never after a newer one was heard of.
void ComputeCore::on(BuildAndRunInstance cast) {
  std::optional<uint32_t> host = state_.find_host(cast.host);
  if (is_down(host)) return;
  if (!host || state_.hosts[*host].is_not_ours()) {
    ignore("a run cast for a host that is not carried here", cast.host, cast.placement);
    return;
  }
  InstanceOnHost& entry = state_.table.find_or_create({*host, cast.placement.instance});
  if (entry.epoch > 0 && cast.placement.epoch > entry.epoch && cast.placement.epoch - entry.epoch > kEpochsAhead) {
    ignore("a run cast of an epoch that its server cannot have", cast.host, cast.placement);
    return;
  }
  if (cast.placement.epoch < entry.epoch) {
    KN_SOMETIMES("compute: a cast is stale");
    ignore("a run cast older than what the host has heard", cast.host, cast.placement);
    state_.tracker.settle(*host, cast.placement);
    state_.forget_if_idle(entry.key);
  } else if (cast.placement.epoch == entry.epoch) {
    KN_SOMETIMES("compute: a cast is a repeat");
    if (!entry.building) state_.tracker.settle(*host, cast.placement);
    if (entry.unanswered) resend_report_of(entry);
    state_.forget_if_idle(entry.key);
  } else {
    if (entry.building) {
      KN_SOMETIMES("compute: a cast supersedes a build");
      state_.tracker.settle(*host, {cast.placement.instance, entry.epoch});
    }
    cancel_work(entry);
    state_.table.start_build(entry, cast.placement.epoch);
    entry.shares_with = cast.shares_with;
    entry.ticket = cast.ticket;
    entry.work = flows_of(*host).spawn(build_and_run_instance(&state_, *host, std::move(cast)));
  }
}

void ComputeCore::resend_report_of(InstanceOnHost& entry) {
  entry.unanswered->sent_at = state_.ports.loop.now();
  state_.ports.transport.send(kController, Message{0, entry.unanswered->report});
}

void ComputeCore::cancel_work(InstanceOnHost& entry) {
  flows_of(entry.key.host).cancel(std::exchange(entry.work, 0));
  state_.table.end_build(entry, nullptr);
}

void ComputeCore::on(const TerminateInstance& request) {
  InstanceTerminated confirmation{.host = request.host, .placement = request.placement};
  std::optional<uint32_t> host = state_.find_host(request.host);
  if (is_down(host)) return;
  if (!host) {
    // A host this process has carried once: its guest may still be in the journal.
    Expected<> erased = state_.ports.journal.erase(request.host, request.placement.instance);
    if (erased) state_.ports.transport.send(kController, Message{0, std::move(confirmation)});
    return;
  }
  const HostInstance key{*host, request.placement.instance};
  InstanceOnHost& entry = state_.table.find_or_create(key);
  const bool nothing_so_old = !entry.guest || entry.guest->epoch > request.placement.epoch;
  if (request.placement.epoch < entry.epoch && nothing_so_old) {
    // What it means is gone, and what is here or being built is newer.
    state_.ports.transport.send(kController, Message{0, std::move(confirmation)});
    state_.forget_if_idle(key);
    return;
  }
  if (request.placement.epoch >= entry.epoch) {
    if (entry.building) {
      KN_SOMETIMES("compute: a delete cancels a build");
      state_.tracker.settle(*host, {request.placement.instance, entry.epoch});
    }
    cancel_work(entry);
    entry.epoch = request.placement.epoch;
  }
  flows_of(*host).spawn(remove_instance(&state_, key, request.placement.epoch, std::move(confirmation)));
}

namespace {

// One after the other, as nova-compute does it.
Task<void> fetch_images(ComputeState* state, uint32_t host, std::vector<ImageRef> images) {
  for (ImageRef& image : images) co_await state->fetch_image(host, std::move(image));
}

}  // namespace

void ComputeCore::on(CacheImages request) {
  for (const std::string& name : request.hosts) {
    std::optional<uint32_t> host = state_.find_host(name);
    if (host && !is_down(host)) flows_of(*host).spawn(fetch_images(&state_, *host, request.images));
  }
}

void ComputeCore::on(const ReportAnswer& answer) {
  std::optional<uint32_t> host = state_.find_host(answer.host);
  if (is_down(host)) return;
  InstanceOnHost* entry = host ? state_.table.find({*host, answer.placement.instance}) : nullptr;
  if (entry == nullptr) return;
  if (answer.verdict == ReportAnswer::Verdict::kStale) {
    discard(*entry, answer.placement.epoch);
  } else if (entry->unanswered && entry->unanswered->report.placement == answer.placement) {
    state_.table.drop_report(*entry);
    state_.forget_if_idle(entry->key);
  }
}

void ComputeCore::discard(InstanceOnHost& entry, uint64_t epoch) {
  if (entry.epoch > epoch) {
    KN_SOMETIMES("compute: what is called stale is superseded already");
    return;
  }
  KN_SOMETIMES("compute: what is stale is destroyed");
  const bool held = entry.building || entry.guest;
  if (entry.building) state_.tracker.settle(entry.key.host, {entry.key.instance, entry.epoch});
  cancel_work(entry);
  // Its ticket is of its own epoch. Nobody else may know of it: the row may be one that the controller's store has lost.
  if (held) state_.releases.release({entry.key.instance, entry.epoch}, {}, entry.shares_with, entry.ticket);
  entry.epoch = epoch;
  entry.ticket = 0;
  // Told even so: the controller that called it stale may have lost that with its store, and name it in a row again.
  std::optional<InstanceTerminated> confirmation;
  if (entry.guest)
    confirmation = {.host = state_.host_name(entry.key.host), .placement = {entry.key.instance, entry.guest->epoch}};
  flows_of(entry.key.host).spawn(remove_instance(&state_, entry.key, epoch, std::move(confirmation)));
}

void ComputeCore::on(ApplyServerAction request) {
  if (!find_action(request.action)) return;  // of a controller that knows more than this one
  std::optional<uint32_t> host = state_.find_host(request.host);
  if (is_down(host)) return;
  InstanceOnHost* entry = host ? state_.table.find({*host, request.placement.instance}) : nullptr;
  if (entry != nullptr && (request.placement.epoch < entry->epoch || entry->building)) {
    KN_SOMETIMES("compute: an action is stale, or too early");
    return;
  }
  if (entry == nullptr || !entry->guest || entry->guest->epoch != request.placement.epoch) {
    KN_SOMETIMES("compute: an action on a guest that is not there");
    answer_not_found(state_, request);
    return;
  }
  if (request.operation < entry->operation) {
    KN_SOMETIMES("compute: an action of a number that is over");
    // Late, or of a controller whose store went back: that one counts on from what is done here.
    request.operation = entry->operation;
    repeat_answer(state_, request, *entry);
    return;
  }
  // A repeat: still at it, or answered before. Another action of that number is of a controller whose store went back.
  if (request.operation == entry->operation && request.action == entry->action) {
    KN_SOMETIMES("compute: an action is a repeat");
    repeat_answer(state_, request, *entry);
    return;
  }
  flows_of(*host).cancel(std::exchange(entry->work, 0));
  entry->operation = request.operation;
  entry->action = request.action;
  entry->operation_done = false;
  entry->operation_fault.reset();
  entry->work = flows_of(*host).spawn(apply_server_action(&state_, *host, std::move(request)));
}

void ComputeCore::on(const OwnershipAnswer& answer) {
  if (answer.orphans.empty()) return;  // as nearly always; what follows walks over all guests
  std::vector<PlacementId> orphans = answer.orphans;
  std::sort(orphans.begin(), orphans.end());
  std::vector<HostInstance> found;
  for (const InstanceOnHost& entry : state_.table.entries()) {
    if (!entry.guest || entry.building || entry.unanswered || is_down(entry.key.host)) continue;
    PlacementId held{entry.key.instance, entry.guest->epoch};
    if (std::binary_search(orphans.begin(), orphans.end(), held)) found.push_back(entry.key);
  }
  for (const HostInstance& key : found) {
    KN_SOMETIMES("compute: an audit finds an orphan");
    InstanceOnHost* entry = state_.table.find(key);
    discard(*entry, entry->guest->epoch);
  }
}

void ComputeCore::ignore(std::string_view why, std::string_view host, const PlacementId& placement) {
  state_.ports.log.event(LogLevel::kWarning, why,
                         {{"host", std::string(host)},
                          {"instance", to_string(placement.instance)},
                          {"epoch", std::to_string(placement.epoch)}});
}

ComputeCounters ComputeCore::counters() const {
  ComputeCounters counters;
  for (const InstanceOnHost& entry : state_.table.entries()) {
    counters.guests += entry.guest ? 1 : 0;
    counters.building += entry.building ? 1 : 0;
    counters.unanswered_reports += entry.unanswered ? 1 : 0;
  }
  for (uint32_t host = 0; host < state_.hosts.size(); ++host) {
    const ResourceTracker::Usage& usage = state_.tracker.usage(host);
    counters.claims += usage.instances;
    counters.used += usage.used;
    const std::unique_ptr<Semaphore>& slots = state_.hosts[host].builds;
    if (slots) counters.build_slots_taken += state_.options.max_concurrent_builds - slots->available();
  }
  counters.unconfirmed_releases = state_.releases.size();
  counters.image_downloads = state_.images.downloads();
  counters.instance_locks = state_.instance_locks.size();
  counters.network_calls = state_.caller.open();
  counters.fences = state_.table.fences().size();
  return counters;
}

std::vector<GuestInfo> ComputeCore::guests() const {
  std::vector<GuestInfo> guests;
  for (const InstanceOnHost& entry : state_.table.entries()) {
    if (!entry.guest) continue;
    guests.push_back({.host = state_.host_name(entry.key.host),
                      .placement = {.instance = entry.key.instance, .epoch = entry.guest->epoch},
                      .power_state = entry.guest->power_state,
                      .built = entry.guest->built});
  }
  return guests;
}

std::optional<HostUsage> ComputeCore::usage(std::string_view name) const {
  std::optional<uint32_t> host = state_.find_host(name);
  if (!host) return std::nullopt;
  const ResourceTracker::Usage& usage = state_.tracker.usage(*host);
  return HostUsage{.host = std::string(name),
                   .version = usage.version,
                   .total = usage.total,
                   .used = usage.used,
                   .instances = usage.instances,
                   .settled = {}};
}

}  // namespace kilonova::compute
