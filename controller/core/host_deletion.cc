// Hosts that administrators delete, by the rules of nova/api/openstack/compute/services.py delete.
#include <algorithm>
#include <utility>

#include "controller/core/host_registry.h"
#include "controller/core/named_records.h"
#include "domain/move.h"
#include "domain/nouns/aggregate.h"

namespace kilonova::controller {

Expected<> HostRegistry::may_delete(const std::string& host) const {
  const auto is_there = [&](const auto& entry) {
    const Instance& row = entry.second;
    return row.current.host == host || (row.other && row.other->host == host);
  };
  if (!world_.drives.listed_on({host}).empty() || std::ranges::any_of(world_.instances.rows(), is_there))
    return fail(ErrorCode::kConflict,
                "Unable to delete compute service that is hosting instances. Migrate or delete the instances first.");
  const auto involves = [&](const auto& entry) {
    const Migration& migration = entry.second;
    return (migration.source_compute == host || migration.dest_compute == host) && !is_over(migration.status);
  };
  if (std::ranges::any_of(world_.records.of<Migration>(), involves))
    return fail(ErrorCode::kConflict,
                "Unable to delete compute service that has in-progress migrations. Complete the migrations or delete "
                "the instances first.");
  return {};
}

Task<Expected<Empty>> HostRegistry::handle(DeleteHost request, RequestContext) {
  auto aggregates_lock = co_await world_.record_locks.acquire("aggregate");
  auto lock = co_await world_.record_locks.acquire("host");
  Expected<Host> row = known_host(request.host);
  if (!row) co_return std::unexpected(std::move(row.error()));
  if (auto safe = may_delete(row->name); !safe) co_return std::unexpected(std::move(safe.error()));
  Transaction transaction;
  transaction.push_back(mutation::Erase<Host>{row->id});
  std::vector<Aggregate> aggregates;
  for (const auto& [id, aggregate] : world_.records.of<Aggregate>()) {
    if (!std::ranges::binary_search(aggregate.hosts, row->name)) continue;
    Aggregate& without = aggregates.emplace_back(aggregate);
    std::erase(without.hosts, row->name);
    without.updated_at = world_.loop.wall_now();
    transaction.push_back(mutation::Put<Aggregate>{without});
  }
  auto committed = co_await world_.store.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  for (Aggregate& aggregate : aggregates) world_.records.of<Aggregate>()[aggregate.id] = std::move(aggregate);
  forget(*row);
  co_return Empty{};
}

void HostRegistry::forget(const Host& host) {
  world_.records.of<Host>().erase(host.name);
  const std::vector<Peer> connected = world_.transport.peers(Role::kCompute);
  auto carrier = std::ranges::find(connected, host.process, &Peer::id);
  Process& process = processes_[host.process];
  Incarnation of = process.incarnation;
  if (of == 0 && carrier != connected.end()) of = carrier->incarnation;  // it has not registered in this life of ours
  if (std::exchange(process.deleted_of, of) != of) process.deleted.clear();
  process.deleted.insert(host.name);
  for (std::set<std::string>* names : {&process.hosts, &process.hosts_down, &process.announced, &process.absent})
    names->erase(host.name);
  const auto id = static_cast<size_t>(host.id);
  if (id < told_up_.size() && told_up_[id]) {
    told_up_[id] = false;
    world_.events.tell({.time = world_.loop.wall_now(), .host = host.name, .up = false});
  }
  for (const Peer& scheduler : world_.transport.peers(Role::kScheduler))
    world_.transport.send(scheduler.id, Message{0, HostStatuses{.full = false, .hosts = {}, .deleted = {host.name}}});
  if (carrier != connected.end()) world_.transport.send(carrier->id, Message{0, HostsDeleted{of, {host.name}}});
  world_.log.event(LogLevel::kWarning, "a host was deleted",
                   {{"host", host.name}, {"process", to_string(host.process)}});
}

bool HostRegistry::was_deleted(const std::string& host, const Peer& peer) const {
  auto process = processes_.find(peer.id);
  return process != processes_.end() && process->second.deleted_of == peer.incarnation &&
         process->second.deleted.contains(host);
}

void HostRegistry::tell_deleted(const Peer& peer, const RegisterHosts& part) {
  HostsDeleted message{peer.incarnation, {}};
  for (const HostInfo& info : part.hosts)
    if (was_deleted(info.name, peer)) message.hosts.push_back(info.name);
  if (!message.hosts.empty()) world_.transport.send(peer.id, Message{0, std::move(message)});
}

std::vector<std::string> HostRegistry::deleted_hosts() const {
  std::vector<std::string> names;
  for (const auto& [id, process] : processes_)
    for (const std::string& name : process.deleted)
      if (!world_.records.of<Host>().contains(name)) names.push_back(name);
  return names;
}

}  // namespace kilonova::controller
