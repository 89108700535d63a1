#include "scheduler/core/neighbours.h"

#include <algorithm>
#include <set>
#include <utility>

namespace kilonova::scheduler {
namespace {

void add_hosts_of(const HostManager& hosts, const PlacedServer& server, std::set<HostIndex>& places) {
  if (!server.host.empty())
    if (auto told = hosts.find(server.host)) places.insert(*told);
  if (const Debit* debit = hosts.find_debit(server.instance)) places.insert(debit->host);
}

std::vector<HostIndex> hosts_of(const HostManager& hosts, const std::vector<Uuid>& named,
                                const std::vector<PlacedServer>& placed) {
  std::set<HostIndex> places;
  for (const PlacedServer& server : placed)
    if (std::ranges::find(named, server.instance) != named.end()) add_hosts_of(hosts, server, places);
  return {places.begin(), places.end()};
}

}  // namespace

uint32_t Neighbours::members_on(HostIndex host) const {
  auto at = std::ranges::lower_bound(members, host, {}, &MembersOnHost::host);
  return at == members.end() || at->host != host ? 0 : at->count;
}

Neighbours find_neighbours(const HostManager& hosts, const SelectDestinations& cast, const Uuid& instance) {
  Neighbours found;
  found.same_host = hosts_of(hosts, cast.spec.hints.same_host, cast.hinted);
  found.different_host = hosts_of(hosts, cast.spec.hints.different_host, cast.hinted);
  if (!cast.group) return found;
  found.policy = cast.group->policy;
  found.max_server_per_host = cast.group->max_server_per_host;
  // Each server counts once on a host, however often it is said to be there.
  std::set<std::pair<HostIndex, Uuid>> placed;
  for (const PlacedServer& member : cast.group->members) {
    if (member.instance == instance) continue;
    std::set<HostIndex> places;
    add_hosts_of(hosts, member, places);
    for (HostIndex host : places) placed.insert({host, member.instance});
  }
  for (const auto& [host, member] : placed) {
    if (found.members.empty() || found.members.back().host != host) found.members.push_back({host, 0});
    ++found.members.back().count;
  }
  return found;
}

bool passes_anti_affinity(const Neighbours& neighbours, HostIndex host) {
  if (neighbours.policy != GroupPolicy::kAntiAffinity) return true;
  return neighbours.members_on(host) < neighbours.max_server_per_host;
}

// A group that has no host yet may begin anywhere.
bool passes_affinity(const Neighbours& neighbours, HostIndex host) {
  if (neighbours.policy != GroupPolicy::kAffinity || neighbours.members.empty()) return true;
  return neighbours.members_on(host) > 0;
}

}  // namespace kilonova::scheduler
