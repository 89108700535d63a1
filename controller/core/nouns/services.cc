#include "controller/core/nouns/services.h"

#include <utility>

#include "controller/core/named_records.h"
#include "domain/nouns/host.h"
#include "domain/nouns/service.h"
#include "domain/operation.h"

namespace kilonova::controller {

void ServiceBook::on_peer_up(const Peer& peer, WallTime now) {
  ServiceView& view = services_[peer.id];
  view = ServiceView{peer.id, peer.incarnation, true, now, now, 0};
}

void ServiceBook::on_peer_down(const Peer& peer, WallTime now) {
  auto it = services_.find(peer.id);
  if (it == services_.end() || it->second.incarnation != peer.incarnation) return;
  it->second.connected = false;
  it->second.last_seen = now;
}

void ServiceBook::heard(const Peer& peer, WallTime now) {
  auto it = services_.find(peer.id);
  if (it != services_.end()) it->second.last_seen = now;
}

HostView Services::view_of(const Host& host) const {
  HostAllocations allocations = world_.allocations.of_host(host.name);
  Host shown = host;
  shown.zone = world_.records.zone_of(host);
  return {std::move(shown), allocations.used, allocations.instances, hosts_.is_up(host.name),
          hosts_.last_seen(host.name)};
}

Expected<HostList> Services::handle(const ListHosts& request, const RequestContext&) const {
  const auto& table = world_.records.of<Host>();
  HostList reply;
  if (!request.host.empty()) {
    auto named = table.find(request.host);
    if (named == table.end()) return not_found("host", request.host);
    reply.hosts.push_back(view_of(named->second));
    return reply;
  }
  for (const std::string& name : request.hosts)
    if (auto named = table.find(name); named != table.end()) reply.hosts.push_back(view_of(named->second));
  if (!request.hosts.empty()) return reply;
  auto more = read_page(
      table, request.marker, request.limit, [](const Host&) { return true; },
      [&](const Host& host) { reply.hosts.push_back(view_of(host)); });
  if (!more) return std::unexpected(more.error());
  reply.more = *more;
  return reply;
}

Expected<ServiceList> Services::handle(const ListServices&, const RequestContext&) const {
  ServiceList reply;
  std::map<PeerId, uint64_t> hosts;
  for (const auto& [name, host] : world_.records.of<Host>()) hosts[host.process] += 1;
  for (const auto& [id, view] : services_.services()) {
    reply.services.push_back(view);
    if (id.role == Role::kCompute) reply.services.back().hosts = hosts[id];
    if (id == world_.transport.self()) reply.services.back().last_seen = world_.loop.wall_now();
  }
  return reply;
}

Expected<CloudStatus> Services::handle(const GetCloudStatus&, const RequestContext& context) const {
  const InstanceTable& servers = world_.instances;
  auto count = [&](VmState state) {
    return context.is_admin() ? servers.count(state) : servers.count(state, context.project_id);
  };
  CloudStatus status;
  status.servers = context.is_admin() ? servers.size() : servers.size(context.project_id);
  status.active = count(VmState::kActive);
  status.building = count(VmState::kBuilding);
  status.error = count(VmState::kError);
  status.revision = world_.events.revision();
  if (!context.is_admin()) return status;
  status.hosts = world_.records.of<Host>().size();
  for (const auto& [name, host] : world_.records.of<Host>()) status.hosts_up += hosts_.is_up(name) ? 1 : 0;
  status.claim_conflicts = world_.claim_conflicts;
  const AllocationRatios& ratios = world_.schedulers.ratios();
  status.cpu_allocation_ratio = ratios.vcpus;
  status.ram_allocation_ratio = ratios.memory;
  status.disk_allocation_ratio = ratios.disk;
  return status;
}

}  // namespace kilonova::controller
