#include "controller/core/terminate_flow.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "controller/core/nouns/servers.h"
#include "controller/core/row_commit.h"
#include "controller/core/transitions.h"
#include "domain/nouns/host.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"

namespace kilonova::controller {

Task<Expected<Empty>> TerminateFlow::handle(DeleteServer request, RequestContext context) {
  auto row = find_server(world_.instances, scope_of(context, request.all_projects), request.server);
  if (!row) co_return std::unexpected(row.error());
  co_return co_await delete_server((*row)->uuid);
}

Task<Expected<Empty>> TerminateFlow::delete_server(Uuid instance) {
  auto lock = co_await world_.instance_locks.acquire(instance);
  const Instance* row = world_.instances.find(instance);
  if (!row) co_return fail(ErrorCode::kNotFound, fmt::format("server '{}' not found", to_string(instance)));
  if (row->task_state == TaskState::kDeleting) co_return Empty{};
  Instance next = *row;
  // While processes are still to be heard after a restart, a host that seems down is waited for.
  apply_deleting(next, world_.recovering || hosts_.is_up(next.host), world_.loop.wall_now());
  if (!co_await commit_row(world_, std::move(next), {}))
    co_return fail(ErrorCode::kUnavailable, "the store refused the delete: nothing was changed, try again");
  end_drive(world_, instance);
  world_.drives.deletes()[instance] = {};
  tell(*world_.instances.find(instance));
  co_return Empty{};
}

void TerminateFlow::tell(const Instance& row) {
  PlacementId placement{row.uuid, row.epoch};
  world_.drives.deletes()[row.uuid].asked = world_.loop.now();
  if (row.delete_awaits_network)
    world_.transport.send(PeerId{Role::kNetwork, 0}, Message{0, ReleaseAddresses{placement, row.trace}});
  // A host that is down is not waited for, but told: its process may be frozen and come back as it was.
  auto host = world_.records.of<Host>().find(row.host);
  if (host != world_.records.of<Host>().end())
    world_.transport.send(host->second.process, Message{0, TerminateInstance{row.host, placement, row.trace}});
}

Task<> TerminateFlow::on_terminated(InstanceTerminated message) {
  co_await confirmed(message.placement, true, std::move(message.host));
}

Task<> TerminateFlow::on_released(AddressesReleased message) { co_await confirmed(message.placement, false, ""); }

Task<> TerminateFlow::confirmed(PlacementId placement, bool host, std::string from_host) {
  auto lock = co_await world_.instance_locks.acquire(placement.instance);
  const Instance* row = world_.instances.find(placement.instance);
  if (!row || row->task_state != TaskState::kDeleting || row->epoch != placement.epoch) co_return;
  if (host && row->host != from_host) co_return;
  Instance next = *row;
  (host ? next.delete_awaits_host : next.delete_awaits_network) = false;
  bool done = !next.delete_awaits_host && !next.delete_awaits_network;
  // Half a confirmation is remembered, not stored: after a restart both are asked again.
  world_.instances.update(std::move(next));
  if (!done) co_return;
  if (co_await erase_row(world_, placement.instance)) world_.drives.deletes().erase(placement.instance);
}

Task<> TerminateFlow::finish_without_host(Uuid instance) {
  const Instance* row = world_.instances.find(instance);
  if (row) co_await confirmed(PlacementId{instance, row->epoch}, true, row->host);
  auto pending = world_.drives.deletes().find(instance);
  if (pending != world_.drives.deletes().end()) pending->second.finishing = false;  // the store refused
}

void TerminateFlow::resend_unconfirmed() {
  Instant due = world_.loop.now() - world_.options.report_interval;
  std::vector<Uuid> late;
  for (const auto& [uuid, pending] : world_.drives.deletes())
    if (pending.asked <= due) late.push_back(uuid);
  for (const Uuid& uuid : late) {
    const Instance* row = world_.instances.find(uuid);
    if (!row) continue;
    tell(*row);
    // Also ends a delete whose last commit was refused: nobody is left to confirm it.
    const bool over = !row->delete_awaits_host || (!world_.recovering && !hosts_.is_up(row->host));
    if (over && !std::exchange(world_.drives.deletes()[uuid].finishing, true))
      world_.flows.spawn(finish_without_host(uuid));
  }
}

void TerminateFlow::resume(const Uuid& instance) {
  Instance row = *world_.instances.find(instance);
  row.delete_awaits_host = !row.host.empty();
  row.delete_awaits_network = true;
  world_.instances.update(row);
  tell(row);
}

void TerminateFlow::resend_all() {
  std::vector<Uuid> pending;
  for (const auto& [uuid, entry] : world_.drives.deletes()) pending.push_back(uuid);
  for (const Uuid& uuid : pending)
    if (const Instance* row = world_.instances.find(uuid)) tell(*row);
}

}  // namespace kilonova::controller
