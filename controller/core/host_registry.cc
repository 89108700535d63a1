#include "controller/core/host_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/sometimes.h"
#include "domain/api.h"
#include "domain/form_rules.h"
#include "domain/nouns/host.h"
#include "domain/operation.h"
#include "runtime/sleep.h"

namespace kilonova::controller {
namespace {

constexpr size_t kItemsPerMessage = 5'000;  // hosts, and what is said of their aggregates

// "" when the host may register; otherwise why not.
std::string refusal(const HostInfo& info, const Host* known, bool is_anothers) {
  if (auto named = check_host_name(info.name); !named) return named.error().message;
  if (auto zone = check_text("the zone", info.zone); !zone) return zone.error().message;
  if (info.total.vcpus < 0 || info.total.memory_mb < 0 || info.total.disk_gb < 0)
    return fmt::format("host '{}' reports negative resources", info.name);
  if (is_anothers) return fmt::format("host '{}' is already carried by {}", info.name, to_string(known->process));
  return "";
}

// Its server is elsewhere, and what it left on its host is there until the host's process starts anew.
bool is_evacuation_done(const Migration& migration) {
  return migration.kind == MoveKind::kEvacuation && migration.status == "done";
}

}  // namespace

HostRegistry::HostRegistry(ControllerWorld& world, std::function<void(const std::set<std::string>&)> on_hosts_down)
    : world_(world), on_hosts_down_(std::move(on_hosts_down)) {
  for (const auto& [name, host] : world_.records.of<Host>()) {
    next_host_id_ = std::max(next_host_id_, host.id + 1);
    processes_[host.process].hosts.insert(name);
  }
}

void HostRegistry::on_registration(const Peer& peer) {
  Process& process = processes_[peer.id];
  if (process.registering == peer.incarnation) return;
  process.registering = peer.incarnation;
  process.hosts_down_meanwhile.reset();
}

// Parts and repeats of one process go one after the other, whatever a commit takes; one that an incarnation left behind
// which has been followed by another says nothing any more.
Task<> HostRegistry::register_hosts(Peer peer, RegisterHosts part) {
  auto turn = co_await world_.record_locks.acquire("registration of " + to_string(peer.id));
  RegisterHostsAnswer answer;
  std::vector<Host> rows;
  for (;;) {
    if (processes_[peer.id].registering != peer.incarnation) co_return;
    auto lock = co_await world_.record_locks.acquire("host");
    answer.refused.clear();
    rows = rows_of(peer, part, answer);
    Transaction transaction;
    for (const Host& row : rows) {
      auto known = world_.records.of<Host>().find(row.name);
      if (known == world_.records.of<Host>().end() || row != known->second)
        transaction.push_back(mutation::Put<Host>{row});
    }
    std::vector<Migration> left = evacuations_from(rows);
    for (Migration& migration : left) {
      migration.status = "completed";
      migration.updated_at = world_.loop.wall_now();
      transaction.push_back(mutation::Put<Migration>{migration});
    }
    if (transaction.empty()) break;
    auto committed = co_await world_.store.commit(std::move(transaction));
    if (committed) {
      for (Migration& migration : left) world_.records.of<Migration>()[migration.id] = std::move(migration);
      break;
    }
    lock.release();
    world_.log.event(LogLevel::kError, "hosts not registered yet: the store refuses",
                     {{"process", to_string(peer.id)}, {"reason", committed.error().message}});
    co_await sleep_for(world_.loop, kStoreRetry);
  }
  adopt(peer, rows);
  if (processes_[peer.id].registering != peer.incarnation) co_return;  // the answer would be taken for the other's
  if (part.last) settle_registration(processes_[peer.id]);
  world_.transport.send(peer.id, Message{0, std::move(answer)});
  tell_deleted(peer, part);
}

std::vector<Migration> HostRegistry::evacuations_from(const std::vector<Host>& hosts) const {
  std::vector<Migration> found;
  for (const auto& [id, migration] : world_.records.of<Migration>())
    if (is_evacuation_done(migration) && std::ranges::find(hosts, migration.source_compute, &Host::name) != hosts.end())
      found.push_back(migration);
  return found;
}

std::vector<Host> HostRegistry::rows_of(const Peer& peer, const RegisterHosts& part, RegisterHostsAnswer& answer) {
  std::vector<Host> rows;
  for (const HostInfo& info : part.hosts) {
    if (was_deleted(info.name, peer)) continue;
    auto it = world_.records.of<Host>().find(info.name);
    const Host* known = it == world_.records.of<Host>().end() ? nullptr : &it->second;
    const bool is_anothers = is_carried_by_another(info.name, peer.id);
    if (std::string reason = refusal(info, known, is_anothers); !reason.empty()) {
      world_.log.event(LogLevel::kWarning, "a host was refused", {{"process", to_string(peer.id)}, {"reason", reason}});
      answer.refused.push_back({info.name, std::move(reason)});
      continue;
    }
    Host row = known ? *known : Host{};
    if (!known) {
      row.id = next_host_id_++;
      row.name = info.name;
      row.created_at = world_.loop.wall_now();
    }
    row.zone = info.zone.empty() ? "nova" : info.zone;
    row.total = info.total;
    row.process = peer.id;
    rows.push_back(std::move(row));
  }
  return rows;
}

bool HostRegistry::is_carried_by_another(const std::string& host, PeerId process) const {
  auto row = world_.records.of<Host>().find(host);
  if (row == world_.records.of<Host>().end() || row->second.process == process) return false;
  const std::vector<Peer> connected = world_.transport.peers(Role::kCompute);
  auto carrier = std::ranges::find(connected, row->second.process, &Peer::id);
  if (carrier == connected.end()) return false;
  auto known = processes_.find(carrier->id);
  const bool gave_it_up = known != processes_.end() && known->second.incarnation == carrier->incarnation &&
                          known->second.absent.contains(host);
  return !gave_it_up;
}

// What is on disk is what is known, also of an incarnation that another has followed meanwhile: that one's turn comes next.
void HostRegistry::adopt(const Peer& peer, const std::vector<Host>& rows) {
  Process& process = processes_[peer.id];
  const bool current = process.registering == peer.incarnation;
  if (current) {
    if (process.incarnation != peer.incarnation) process.announced.clear();
    process.incarnation = peer.incarnation;
    if (process.hosts_down_meanwhile) process.hosts_down = *std::exchange(process.hosts_down_meanwhile, std::nullopt);
    heard(peer.id, process);
  }
  std::vector<HostStatus> statuses;
  for (const Host& row : rows) {
    auto known = world_.records.of<Host>().find(row.name);
    if (known != world_.records.of<Host>().end() && known->second.process != peer.id)
      processes_[known->second.process].hosts.erase(row.name);
    process.hosts.insert(row.name);
    if (current) {
      process.announced.insert(row.name);
      process.absent.erase(row.name);
    }
    statuses.push_back(status_of(world_.records.of<Host>()[row.name] = row));
  }
  tell(std::move(statuses));
}

void HostRegistry::settle_registration(Process& process) {
  process.registered = true;
  std::vector<HostStatus> changed;
  process.absent.clear();
  for (const std::string& name : process.hosts) {
    if (process.announced.contains(name)) continue;
    process.absent.insert(name);
    changed.push_back(status_of(world_.records.of<Host>()[name]));
  }
  for (HostStatus& status : changed) status.up = false;
  tell(std::move(changed));
  if (!process.absent.empty()) on_hosts_down_(process.absent);
}

void HostRegistry::heard(PeerId id, Process& process) {
  process.last_heard = world_.loop.now();
  process.last_seen = world_.loop.wall_now();
  process.up = true;
  world_.loop.cancel(process.deadline);
  process.deadline =
      world_.loop.call_after(world_.options.service_down_time + microseconds(1), [this, id] { on_deadline(id); });
}

// What came while this process did not run (it was frozen, or its machine slept) is read after the timers: silence proves
// nothing yet.
void HostRegistry::on_deadline(PeerId id) {
  Process& process = processes_[id];
  const Duration limit = world_.options.service_down_time;
  if (world_.loop.now() - *process.last_heard - limit <= kOwnAbsence) {
    on_silence(id);
    return;
  }
  process.deadline = world_.loop.call_after(Duration{limit.us / 2}, [this, id] { on_silence(id); });
}

void HostRegistry::on_heartbeat(const Peer& peer, const ComputeHeartbeat& heartbeat) {
  auto it = processes_.find(peer.id);
  if (it == processes_.end()) return;
  Process& process = it->second;
  if (process.incarnation != peer.incarnation) {
    if (process.registering == peer.incarnation)
      process.hosts_down_meanwhile.emplace(heartbeat.hosts_down.begin(), heartbeat.hosts_down.end());
    return;
  }
  bool was_up = process.up;
  heard(peer.id, process);
  std::set<std::string> down(heartbeat.hosts_down.begin(), heartbeat.hosts_down.end());
  if (was_up && down == process.hosts_down) return;
  std::vector<HostStatus> changed;
  std::set<std::string> went_down;
  std::swap(process.hosts_down, down);
  for (const std::string& name : process.announced) {
    bool before = was_up && !down.contains(name);
    bool after = !process.hosts_down.contains(name);
    if (before == after) continue;
    changed.push_back(status_of(world_.records.of<Host>()[name]));
    if (before) went_down.insert(name);
  }
  tell(std::move(changed));
  if (!went_down.empty()) on_hosts_down_(went_down);
}

void HostRegistry::on_silence(PeerId id) {
  Process& process = processes_[id];
  KN_SOMETIMES("controller: a compute process is silent");
  process.deadline = 0;
  process.up = false;
  world_.log.event(LogLevel::kWarning, "compute process is down: no heartbeat",
                   {{"process", to_string(id)}, {"hosts", fmt::format("{}", process.hosts.size())}});
  std::vector<HostStatus> changed;
  for (const std::string& name : process.hosts) changed.push_back(status_of(world_.records.of<Host>()[name]));
  tell(std::move(changed));
  on_hosts_down_(process.hosts);
}

HostStatus HostRegistry::status_of(const Host& host) const {
  HostStatus status{.id = host.id,
                    .name = host.name,
                    .zone = world_.records.zone_of(host),
                    .process = host.process,
                    .enabled = host.enabled,
                    .up = is_up(host.name)};
  for (const auto& [id, aggregate] : world_.records.of<Aggregate>()) {
    if (!std::ranges::binary_search(aggregate.hosts, host.name)) continue;
    auto& seen = status.aggregates.emplace_back(HostStatus::InAggregate{id, aggregate.metadata});
    if (!aggregate.availability_zone.empty())
      put_item(seen.metadata, {std::string(kAvailabilityZoneKey), aggregate.availability_zone});
  }
  return status;
}

void HostRegistry::announce(const std::vector<std::string>& hosts) {
  std::vector<HostStatus> changed;
  for (const std::string& name : hosts)
    if (auto host = world_.records.of<Host>().find(name); host != world_.records.of<Host>().end())
      changed.push_back(status_of(host->second));
  tell(std::move(changed));
}

void HostRegistry::tell(std::vector<HostStatus> changed) {
  if (changed.empty()) return;
  for (const HostStatus& host : changed) {
    const auto id = static_cast<size_t>(host.id);
    if (id >= told_up_.size()) told_up_.resize(id + 1);
    if (told_up_[id] == host.up) continue;
    told_up_[id] = host.up;
    world_.events.tell({.time = world_.loop.wall_now(), .host = host.name, .up = host.up});
  }
  for (const Peer& scheduler : world_.transport.peers(Role::kScheduler)) send_statuses(scheduler.id, {}, changed);
}

// In parts, so that no message grows with the cloud or with what is said of its aggregates. The first of a full report
// says that it is one.
void HostRegistry::send_statuses(PeerId scheduler, HostStatuses message, std::vector<HostStatus> statuses) {
  size_t items = message.deleted.size();
  for (HostStatus& status : statuses) {
    for (const HostStatus::InAggregate& aggregate : status.aggregates) items += aggregate.metadata.size();
    message.hosts.push_back(std::move(status));
    if (++items < kItemsPerMessage) continue;
    world_.transport.send(scheduler, Message{0, std::exchange(message, HostStatuses{})});
    items = 0;
  }
  if (message.full || !message.hosts.empty()) world_.transport.send(scheduler, Message{0, std::move(message)});
}

void HostRegistry::greet_scheduler(PeerId scheduler) {
  std::vector<const Host*> by_id;
  for (const auto& [name, host] : world_.records.of<Host>()) by_id.push_back(&host);
  std::ranges::sort(by_id, {}, &Host::id);
  std::vector<HostStatus> statuses;
  statuses.reserve(by_id.size());
  for (const Host* host : by_id) statuses.push_back(status_of(*host));
  send_statuses(scheduler, {.full = true, .hosts = {}, .deleted = deleted_hosts()}, std::move(statuses));
}

Expected<Host> HostRegistry::known_host(const std::string& name) const {
  auto it = world_.records.of<Host>().find(name);
  if (it == world_.records.of<Host>().end())
    return fail(ErrorCode::kNotFound, fmt::format("host '{}' not found", name));
  return it->second;
}

Task<Expected<Empty>> HostRegistry::put(Host row) {
  Transaction transaction;
  transaction.push_back(mutation::Put<Host>{row});
  auto committed = co_await world_.store.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.of<Host>()[row.name] = row;
  tell({status_of(row)});
  co_return Empty{};
}

Task<Expected<Empty>> HostRegistry::handle(SetHostEnabled request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("host");
  Expected<Host> row = known_host(request.host);
  if (!row) co_return std::unexpected(std::move(row.error()));
  row->enabled = request.enabled;
  row->disabled_reason = request.enabled ? "" : request.reason;
  co_return co_await put(*std::move(row));
}

Task<Expected<Empty>> HostRegistry::handle(SetHostForcedDown request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("host");
  Expected<Host> row = known_host(request.host);
  if (!row) co_return std::unexpected(std::move(row.error()));
  if (!request.forced_down && !evacuations_from({*row}).empty())
    co_return fail(
        ErrorCode::kConflict,
        fmt::format("Unable to force up host {} as `done` evacuation migration records remain associated with "
                    "the host. Ensure the compute service has been restarted, allowing these records to move "
                    "to `completed` before retrying this request.",
                    row->name));
  const bool was_up = is_up(request.host);
  row->forced_down = request.forced_down;
  Expected<Empty> changed = co_await put(*std::move(row));
  if (changed && was_up && !is_up(request.host)) on_hosts_down_({request.host});
  co_return changed;
}

Task<Expected<Empty>> HostRegistry::handle(SetHostPower request, RequestContext context) {
  auto it = world_.records.of<Host>().find(request.host);
  if (it == world_.records.of<Host>().end())
    co_return fail(ErrorCode::kNotFound, fmt::format("host '{}' not found", request.host));
  PeerId process = it->second.process;
  auto reply = co_await world_.caller.call<ApiReply>(process, ApiCall{context, {}, std::move(request)},
                                                     world_.options.rpc_response_timeout);
  if (!reply) co_return std::unexpected(reply.error());
  if (!reply->result) co_return std::unexpected(reply->result.error());
  co_return Empty{};
}

bool HostRegistry::is_up(const std::string& host) const {
  auto row = world_.records.of<Host>().find(host);
  return row != world_.records.of<Host>().end() && !row->second.forced_down && is_heard(row->second);
}

bool HostRegistry::is_heard(const Host& host) const {
  auto process = processes_.find(host.process);
  return process != processes_.end() && process->second.up && !process->second.hosts_down.contains(host.name) &&
         !process->second.absent.contains(host.name);
}

HostCounts HostRegistry::counts() const {
  HostCounts counts;
  for (const auto& [name, host] : world_.records.of<Host>()) {
    size_t& state = host.forced_down  ? counts.forced_down
                    : !is_heard(host) ? counts.down
                    : !host.enabled   ? counts.disabled
                                      : counts.up;
    ++state;
  }
  return counts;
}

const std::set<std::string>& HostRegistry::hosts_of(PeerId process) const {
  static const std::set<std::string> kNone;
  auto it = processes_.find(process);
  return it == processes_.end() ? kNone : it->second.hosts;
}

WallTime HostRegistry::last_seen(const std::string& host) const {
  auto row = world_.records.of<Host>().find(host);
  if (row == world_.records.of<Host>().end()) return {};
  auto process = processes_.find(row->second.process);
  return process == processes_.end() ? WallTime{} : process->second.last_seen;
}

bool HostRegistry::all_heard() const {
  return std::ranges::all_of(processes_,
                             [](const auto& entry) { return entry.second.registered || entry.second.hosts.empty(); });
}

}  // namespace kilonova::controller
