#include "tests/unit/compute-node/chaos_cloud.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "domain/server_actions.h"

namespace kilonova::testing {
namespace {

std::string describe(const Message& message) {
  std::string text(message_name(message));
  visit(
      [&](const auto& body) {
        if constexpr (requires { body.placement; })
          text += fmt::format(" {} epoch {}", body.placement.instance.bytes[15], body.placement.epoch);
        if constexpr (requires { body.host; }) text += " " + body.host;
        if constexpr (requires { body.verdict; }) text += fmt::format(" verdict {}", static_cast<int>(body.verdict));
        if constexpr (requires {
                        body.result;
                        body.step;
                      })
          text += fmt::format(" result {}", static_cast<int>(body.result));
        if constexpr (requires { body.fault.message; }) text += " " + body.fault.message;
      },
      message.body);
  return text;
}

constexpr PeerId kController{Role::kController, 0};
constexpr PeerId kScheduler{Role::kScheduler, 0};
constexpr PeerId kNetwork{Role::kNetwork, 0};

constexpr std::string_view kTimings[] = {
    "", "claim = 50ms 100%\nimage_setup = 200ms 100%\nstart = 100ms\ndestroy = 80ms\npower_off = 100ms",
    "claim = 300ms\nblock_device = 300ms\nimage_setup = 2s\ndefine = 300ms\nstart = 500ms\npoll_interval = 200ms\n"
    "destroy = 1s\npower_off = 1s\npower_on = 1s"};

Uuid server_id(uint64_t number) {
  Uuid uuid;
  uuid.bytes[0] = 1;
  uuid.bytes[15] = static_cast<uint8_t>(number);
  return uuid;
}

}  // namespace

ChaosCloud::ChaosCloud(uint64_t seed, bool verbose)
    : verbose_(verbose), random_(seed), timing_(*compute::TimingModel::parse(kTimings[random_.below(3)], "chaos")) {
  options_.audit_interval = seconds(40);
  options_.rpc_response_timeout = seconds(5);
  options_.max_concurrent_builds = static_cast<uint32_t>(random_.below(4));
  options_.max_cached_images = 1 + static_cast<uint32_t>(random_.below(2));
  for (const char* name : {"c0", "c1"}) hosts_.push_back({.name = name, .zone = "nova", .total = {2, 2048, 100}});
  boot();
}

ChaosCloud::~ChaosCloud() { core_.reset(); }

void ChaosCloud::boot() {
  core_.reset();
  ++incarnation_;
  say("-- the compute process starts");
  journal_.refusing_puts = false;  // the tests' journal refuses to load as well
  hypervisor_ = std::make_unique<compute::SimulatedHypervisor>(loop_, timing_, Random(random_.next()));
  core_ = std::make_unique<compute::ComputeCore>(
      compute::ComputePorts{loop_, *this, log_, journal_, *hypervisor_, Random(random_.next())}, options_, hosts_);
  if (!core_->start()) broken_ = "the core did not start";
  for (PeerId peer : {kController, kScheduler, kNetwork}) {
    ++peers_[peer];
    connect(peer);
  }
}

void ChaosCloud::say(const std::string& what) const {
  if (verbose_) fmt::print("{:8.3f} {}\n", static_cast<double>(loop_.now().us) / 1e6, what);
}

void ChaosCloud::connect(PeerId peer) { core_->on_peer_up({peer, peers_[peer]}); }

void ChaosCloud::run() {
  for (size_t actions = 10 + random_.below(25); actions > 0 && broken_.empty(); --actions) {
    act();
    loop_.run_until(loop_.now() + milliseconds(static_cast<int64_t>(random_.below(700))));
    if (std::string why = check_capacity(); !why.empty()) broken_ = why;
  }
  stormy_ = false;
  journal_.refusing_puts = journal_.refusing_erasures = false;
  for (int round = 0; round < 12; ++round) {
    for (auto& [id, server] : servers_)
      if (server.deleted && !server.delete_confirmed)
        deliver(kController, TerminateInstance{server.host, {id, server.epoch}, {}});
    loop_.run_until(loop_.now() + seconds(10));
  }
  watchdog();
  network_audit();
}

void ChaosCloud::act() {
  auto [entry, added] = servers_.try_emplace(server_id(random_.below(5)));
  Server& server = entry->second;
  server.cast.placement.instance = entry->first;
  switch (random_.below(20)) {
    case 0: return boot();
    case 1: return ++peers_[kController], connect(kController);
    case 2: return ++peers_[kNetwork], connect(kNetwork);
    case 3: return core_->on_peer_down({kController, peers_[kController]}), connect(kController);
    case 4: journal_.refusing_puts = !journal_.refusing_puts && random_.chance(0.5); return;
    case 5: journal_.refusing_erasures = !journal_.refusing_erasures && random_.chance(0.5); return;
    case 6:
    case 7: return terminate(server);
    case 8:
    case 9: return repeat_cast(server);
    case 10:
    case 11: return power(server);
    default: return try_build(server);
  }
}

void ChaosCloud::try_build(Server& server) {
  if (server.deleted) return;
  ++server.epoch;
  server.active = false;
  server.operation = 0;
  server.host = hosts_[random_.below(hosts_.size())].name;
  server.cast_to = incarnation_;
  BuildAndRunInstance& cast = server.cast;
  cast.host = server.host;
  cast.placement.epoch = server.epoch;
  cast.spec.flavor = {.vcpus = 1, .memory_mb = static_cast<int64_t>(512 << random_.below(3)), .root_gb = 10};
  cast.spec.image.id = server_id(100 + random_.below(2));
  cast.spec.networks = {server_id(99)};
  cast.faults.clear();
  if (random_.chance(0.2)) {
    InjectedFault fault{.rule_id = 1, .step = static_cast<LaunchStep>(6 + random_.below(7))};
    fault.delay = milliseconds(static_cast<int64_t>(random_.below(3) * 300));
    fault.fails = random_.chance(0.7);
    fault.aborts = random_.chance(0.5);
    cast.faults.push_back(fault);
  }
  deliver(kScheduler, cast);
}

void ChaosCloud::repeat_cast(const Server& server) {
  if (server.epoch == 0 || server.cast.placement.epoch == 0) return;
  deliver(kScheduler, server.cast);
}

void ChaosCloud::terminate(Server& server) {
  if (server.deleted || server.epoch == 0) return;
  ++server.epoch;
  server.deleted = true;
  server.active = false;
  server.delete_confirmed = server.host.empty();  // no host to ask
  const Uuid id = server.cast.placement.instance;
  if (!server.delete_confirmed) deliver(kController, TerminateInstance{server.host, {id, server.epoch}, {}});
  Held& held = network_[id];  // the controller tells the network by itself
  held.fence = server.epoch;
  held.held = false;
}

void ChaosCloud::power(Server& server) {
  if (!server.active) return;
  auto action = static_cast<ServerActionKind>(1 + random_.below(4));
  const PlacementId placement{server.cast.placement.instance, server.epoch};
  deliver(kController, ApplyServerAction{server.host, placement, ++server.operation, action, {}});
}

void ChaosCloud::deliver(PeerId from, Message::Body body, uint64_t call) {
  size_t copies = 1;
  if (stormy_) copies = random_.chance(0.15) ? 0 : random_.chance(0.15) ? 2 : 1;
  for (; copies > 0; --copies) {
    int64_t delay = random_.chance(0.5) ? 0 : static_cast<int64_t>(random_.below(stormy_ ? 1500 : 50));
    loop_.call_after(milliseconds(delay), [this, from, message = Message{call, body}] {
      say("-> " + describe(message));
      core_->on_message({from, peers_[from]}, message);
    });
  }
}

bool ChaosCloud::send(PeerId to, Message message) {
  if (stormy_ && random_.chance(0.05)) return false;
  if (stormy_ && random_.chance(0.1)) return true;  // lost
  int64_t delay = random_.chance(0.5) ? 0 : static_cast<int64_t>(random_.below(stormy_ ? 1000 : 50));
  // What a dead process had sent does not arrive after its successor was heard: the transport's promise.
  loop_.call_after(milliseconds(delay), [this, to, sender = incarnation_, message = std::move(message)] {
    if (sender == incarnation_) receive(to, message);
  });
  return true;
}

void ChaosCloud::receive(PeerId to, const Message& message) {
  say("   " + to_string(to) + " <- " + describe(message));
  if (auto* request = get_if<AllocateAddresses>(&message.body)) return on_allocate(*request, message.call);
  if (auto* release = get_if<ReleaseAddresses>(&message.body)) {
    Held& held = network_[release->placement.instance];
    held.fence = std::max(held.fence, release->placement.epoch);
    if (held.epoch <= release->placement.epoch) held.held = false;
    return deliver(to, AddressesReleased{release->placement});
  }
  if (auto* report = get_if<InstanceReport>(&message.body)) return on_report(*report);
  if (auto* terminated = get_if<InstanceTerminated>(&message.body)) {
    Server& server = servers_[terminated->placement.instance];
    if (server.deleted && terminated->placement.epoch == server.epoch) server.delete_confirmed = true;
    ++happened.terminated;
  } else if (auto* beat = get_if<ComputeHeartbeat>(&message.body)) {
    for (const auto& unfinished : beat->unfinished) judge(unfinished.host, unfinished.placement);
  } else if (auto* registration = get_if<RegisterHosts>(&message.body)) {
    for (const GuestInfo& guest : registration->guests) judge(guest.host, guest.placement);
  } else if (auto* query = get_if<OwnershipQuery>(&message.body)) {
    OwnershipAnswer answer;
    for (const PlacementId& held : query->held)
      if (!is_current(servers_[held.instance].host, held)) answer.orphans.push_back(held);
    deliver(kController, answer);
  } else if (holds_alternative<FaultReached>(message.body)) {
    deliver(kController, FaultVerdict{true}, message.call);
  } else if (holds_alternative<ServerActionDone>(message.body)) {
    ++happened.powered;
  }
}

void ChaosCloud::on_report(const InstanceReport& report) {
  if (!is_current(report.host, report.placement)) return judge(report.host, report.placement);
  if (report.result == BuildResult::kProgress) return;
  Server& server = servers_[report.placement.instance];
  switch (report.result) {
    case BuildResult::kActive: ++happened.active; break;
    case BuildResult::kRescheduled: ++happened.rescheduled; break;
    case BuildResult::kFailed: ++happened.failed; break;
    default: ++happened.lost; break;
  }
  server.active = report.result == BuildResult::kActive;
  if (!server.active) {  // the controller commits another epoch before it does anything else
    ++server.epoch;
    server.host.clear();
  }
  deliver(kController, ReportAnswer{report.host, report.placement, ReportAnswer::Verdict::kAccepted});
}

// What is not current is told so, whenever it is heard of.
void ChaosCloud::judge(const std::string& host, const PlacementId& placement) {
  if (!is_current(host, placement)) deliver(kController, ReportAnswer{host, placement, ReportAnswer::Verdict::kStale});
}

bool ChaosCloud::is_current(const std::string& host, const PlacementId& placement) const {
  auto found = servers_.find(placement.instance);
  return found != servers_.end() && !found->second.deleted && found->second.epoch == placement.epoch &&
         found->second.host == host;
}

void ChaosCloud::on_allocate(const AllocateAddresses& request, uint64_t call) {
  Held& held = network_[request.placement.instance];
  AllocateAddressesReply reply;
  reply.placement = request.placement;
  if (request.placement.epoch <= held.fence || (held.held && request.placement.epoch < held.epoch)) {
    reply.fault = {ErrorCode::kConflict, "stale"};
  } else if (stormy_ && random_.chance(0.1) && !(held.held && held.epoch == request.placement.epoch)) {
    held.held = false;
    held.epoch = request.placement.epoch;
    reply.fault = {ErrorCode::kResourceExhausted, "No more IP addresses available"};
  } else {
    held.epoch = request.placement.epoch;
    held.held = true;
    reply.addresses.push_back({.network_name = "private"});
  }
  deliver(kNetwork, std::move(reply), call);
}

// A try of which a crash left no trace, on the host or in a report, is lost: the controller goes on to another epoch.
void ChaosCloud::watchdog() {
  for (auto& [id, server] : servers_)
    if (!server.active && server.cast_to != incarnation_ && !journal_.records.contains({server.host, id}))
      ++server.epoch;
}

// The network-controller's own audit: what no current placement owns is freed.
void ChaosCloud::network_audit() {
  for (auto& [id, held] : network_) {
    const Server& server = servers_[id];
    if (held.held && (server.deleted || held.epoch != server.epoch)) held.held = false;
  }
}

std::string ChaosCloud::check_capacity() const {
  for (const HostInfo& host : hosts_) {
    HostUsage usage = *core_->usage(host.name);
    if (usage.used.memory_mb > usage.total.memory_mb * 3 / 2 || usage.used.vcpus > usage.total.vcpus * 16)
      return "a host is over its capacity";
    if (usage.used.memory_mb < 0 || usage.used.vcpus != usage.instances) return "claims do not add up";
  }
  return "";
}

std::string ChaosCloud::check() const {
  if (!broken_.empty()) return broken_;
  compute::ComputeCounters counters = core_->counters();
  size_t busy = counters.building + counters.unanswered_reports + counters.unconfirmed_releases +
                counters.image_downloads + counters.instance_locks + counters.network_calls +
                counters.build_slots_taken;
  if (busy != 0)
    return fmt::format("not quiet: {} building, {} unanswered, {} releases, {} downloads, {} locks, {} calls, {} slots",
                       counters.building, counters.unanswered_reports, counters.unconfirmed_releases,
                       counters.image_downloads, counters.instance_locks, counters.network_calls,
                       counters.build_slots_taken);
  if (counters.claims != counters.guests || counters.guests != journal_.records.size())
    return fmt::format("{} claims, {} guests, {} in the journal", counters.claims, counters.guests,
                       journal_.records.size());
  Resources used;
  for (const auto& [key, record] : journal_.records) {
    used += record.resources;
    std::string who =
        fmt::format("guest {} of epoch {} on {}", to_string(key.second), record.placement.epoch, key.first);
    if (!record.built) return who + " was never built";
    if (!is_current(record.host, record.placement)) return who + " is stale";
    auto held = network_.find(key.second);
    if (held == network_.end() || !held->second.held || held->second.epoch != record.placement.epoch)
      return who + " has lost its addresses";
  }
  if (counters.used != used) return "the usage is not that of the guests";
  for (const auto& [id, server] : servers_) {
    bool here = journal_.records.contains({server.host, id});
    if (server.active && !here) return fmt::format("server {} was reported active and is gone", to_string(id));
    if (server.deleted && !server.delete_confirmed) return fmt::format("delete of {} not confirmed", to_string(id));
    auto held = network_.find(id);
    if (held != network_.end() && held->second.held && !here)
      return fmt::format("addresses of {} epoch {} leaked", to_string(id), held->second.epoch);
  }
  return "";
}

}  // namespace kilonova::testing
