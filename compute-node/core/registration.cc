#include "compute-node/core/registration.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/sometimes.h"
#include "runtime/sleep.h"

namespace kilonova::compute {
namespace {

constexpr size_t kRecordsPerMessage = 2000;
constexpr Duration kRegistrationRetry = seconds(1);

}  // namespace

// Guests that the controller has answered for, or of whose build nothing else is left. The others are in the
// heartbeats, and their reports are on their way. Of a host that is down nothing is known.
bool Registration::is_settled_guest(const InstanceOnHost& entry) const {
  return entry.guest && entry.guest->built && !entry.building && !entry.unanswered &&
         !state_.hosts[entry.key.host].down;
}

void Registration::start() {
  reporting_ = scope_.spawn(keep_reporting());
  scope_.spawn(keep_auditing());
}

void Registration::on_controller_up(const Peer& controller) {
  connected_ = true;
  if (controller.incarnation != controller_) {
    controller_ = controller.incarnation;
    registered_ = false;
    for (ComputeHost& host : state_.hosts) host.refused = host.refusal_told = false;
  }
  report_now();
}

void Registration::report_now() {
  scope_.cancel(reporting_);
  reporting_ = scope_.spawn(keep_reporting());
}

void Registration::again() {
  KN_SOMETIMES("compute: hosts are registered again");
  registered_ = false;
  report_now();
}

void Registration::on_answer(const RegisterHostsAnswer& answer) {
  ++parts_answered_;
  for (const RegisterHostsAnswer::Refused& refused : answer.refused) {
    auto found = state_.find_host(refused.host);
    if (!found) continue;
    ComputeHost& host = state_.hosts[*found];
    host.refused = true;
    if (std::exchange(host.refusal_told, true)) continue;
    state_.ports.log.event(LogLevel::kError, "the controller refuses this host",
                           {{"host", refused.host}, {"reason", refused.reason}});
  }
}

void Registration::on_deleted(const HostsDeleted& message) {
  if (message.of != state_.ports.transport.incarnation()) return;  // this life has registered them anew
  for (const std::string& name : message.hosts) {
    auto found = state_.find_host(name);
    if (!found || std::exchange(state_.hosts[*found].deleted, true)) continue;
    state_.hosts[*found].refused = false;
    state_.ports.log.event(LogLevel::kWarning,
                           "this host was deleted: it is registered again when its process is restarted",
                           {{"host", name}});
  }
}

GuestInfo Registration::guest_info(const InstanceOnHost& entry) const {
  return {.host = state_.host_name(entry.key.host),
          .placement = {.instance = entry.key.instance, .epoch = entry.guest->epoch},
          .power_state = entry.guest->power_state,
          .built = true};
}

Task<void> Registration::keep_reporting() {
  const ComputeOptions& options = state_.options;
  for (;;) {
    Duration pause = options.report_interval;
    // A part or its answer was lost: a controller that does not know the hosts ignores their heartbeats.
    bool unanswered = registered_ && !all_parts_answered() && state_.ports.loop.now() - registered_at_ >= pause;
    if (unanswered) {
      KN_SOMETIMES("compute: a registration was not answered");
      registered_ = false;
    }
    if (connected_ && !registered_) {
      is_again_ = false;
      registered_ = register_hosts([](const ComputeHost&) { return true; });
      registered_at_ = state_.ports.loop.now();
      if (registered_) state_.resend_reports({});
      if (!registered_ && kRegistrationRetry < pause) pause = kRegistrationRetry;
    }
    if (connected_ && registered_ && all_parts_answered() && state_.ports.loop.now() - registered_at_ >= pause)
      try_refused_again();
    if (connected_ && registered_) {
      send_heartbeat();
      state_.resend_reports(options.report_interval);
    }
    state_.releases.resend(options.report_interval);
    state_.publisher.retry();
    state_.publisher.refresh();
    state_.table.fences().expire(state_.ports.loop.now());
    co_await sleep_for(state_.ports.loop, pause);
  }
}

void Registration::try_refused_again() {
  if (std::ranges::none_of(state_.hosts, &ComputeHost::refused)) return;
  is_again_ = true;
  registered_ = register_hosts([](const ComputeHost& host) { return host.refused; });
  registered_at_ = state_.ports.loop.now();
  for (ComputeHost& host : state_.hosts) host.refused = false;  // until the answer says so again
}

bool Registration::register_hosts(const std::function<bool(const ComputeHost&)>& which) {
  RegisterHosts part{.hosts = {}, .guests = {}, .last = false};
  parts_sent_ = 1;
  parts_answered_ = 0;
  auto send_full_part = [&] {
    if (part.hosts.size() + part.guests.size() < kRecordsPerMessage) return true;
    ++parts_sent_;
    return state_.ports.transport.send(kController,
                                       Message{0, std::exchange(part, {.hosts = {}, .guests = {}, .last = false})});
  };
  for (uint32_t host = 0; host < state_.hosts.size(); ++host) {
    if (state_.hosts[host].deleted || !which(state_.hosts[host])) continue;
    part.hosts.push_back(
        {.name = state_.hosts[host].name, .zone = state_.hosts[host].zone, .total = state_.tracker.usage(host).total});
    if (!send_full_part()) return false;
  }
  for (const InstanceOnHost& entry : state_.table.entries()) {
    const ComputeHost& host = state_.hosts[entry.key.host];
    if (host.deleted || !is_settled_guest(entry) || !which(host)) continue;
    part.guests.push_back(guest_info(entry));
    if (!send_full_part()) return false;
  }
  part.last = true;
  return state_.ports.transport.send(kController, Message{0, std::move(part)});
}

void Registration::send_heartbeat() {
  ComputeHeartbeat heartbeat;
  for (const ComputeHost& host : state_.hosts)
    if (host.down && !host.deleted) heartbeat.hosts_down.push_back(host.name);
  heartbeat.unfinished.reserve(state_.table.unfinished().size());
  for (const HostInstance& key : state_.table.unfinished()) {
    heartbeat.unfinished.push_back({.host = state_.host_name(key.host),
                                    .placement = {.instance = key.instance, .epoch = state_.table.find(key)->epoch}});
  }
  state_.ports.transport.send(kController, Message{0, std::move(heartbeat)});
}

Task<void> Registration::keep_auditing() {
  for (;;) {
    co_await sleep_for(state_.ports.loop, state_.options.audit_interval);
    if (!connected_ || !registered_) continue;
    send_ownership_queries();
  }
}

// Nova's sync_power_states too: what the registration said of each guest, again, as the controller may not have been
// able to act on it.
void Registration::send_ownership_queries() {
  OwnershipQuery query;
  auto send = [&] { state_.ports.transport.send(kController, Message{0, std::exchange(query, {})}); };
  for (const InstanceOnHost& entry : state_.table.entries()) {
    if (!is_settled_guest(entry)) continue;
    query.held.push_back({.instance = entry.key.instance, .epoch = entry.guest->epoch});
    query.digests.push_back(static_cast<uint64_t>(entry.guest->power_state));
    if (query.held.size() == kRecordsPerMessage) send();
  }
  if (!query.held.empty()) send();
}

}  // namespace kilonova::compute
