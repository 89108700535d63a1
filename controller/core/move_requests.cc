#include "controller/core/move_requests.h"

#include <fmt/format.h>

#include <utility>

#include "controller/core/create_plan.h"
#include "controller/core/move_transitions.h"
#include "controller/core/nouns/quotas.h"
#include "controller/core/nouns/servers.h"
#include "controller/core/snapshots.h"
#include "domain/nouns/host.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"

namespace kilonova::controller {
namespace {

Move move_of(MoveKind kind, const Instance& row) {
  Move move;
  move.kind = kind;
  move.from = row.vm_state;
  move.old_flavor = move.new_flavor = row.spec.flavor;
  return move;
}

// Taken while the commit is under way; the row counts afterwards.
class QuotaReservation {
 public:
  QuotaReservation(QuotaUsage& reserved, const QuotaUsage& extra) : reserved_(reserved), extra_(extra) { add(1); }
  QuotaReservation(const QuotaReservation&) = delete;
  QuotaReservation& operator=(const QuotaReservation&) = delete;
  ~QuotaReservation() { add(-1); }

 private:
  void add(int64_t sign) {
    reserved_.cores += sign * extra_.cores;
    reserved_.ram_mb += sign * extra_.ram_mb;
  }
  QuotaUsage& reserved_;
  QuotaUsage extra_;
};

// What the server counts for in its second form and not in its first.
QuotaUsage more_of(const Instance& before, const Instance& after) {
  const QuotaUsage was = quota_of(before), is = quota_of(after);
  return {0, is.cores - was.cores, is.ram_mb - was.ram_mb};
}

std::unexpected<Error> invalid(std::string message) { return fail(ErrorCode::kInvalidArgument, std::move(message)); }

std::unexpected<Error> not_while(std::string_view action, const Instance& row) {
  return fail(ErrorCode::kConflict, fmt::format("Cannot '{}' instance {} while it is in task_state {}", action,
                                                to_string(row.uuid), to_string(row.task_state)));
}

}  // namespace

Expected<> MoveRequests::check_host(const Instance& row, const std::string& host, std::string_view own) const {
  if (host.empty()) return {};
  if (!world_.records.of<Host>().contains(host))
    return invalid(fmt::format("Compute host {} could not be found.", host));
  if (host == row.current.host) return invalid(std::string(own));
  return {};
}

Task<Expected<Empty>> MoveRequests::handle(ResizeServer request, RequestContext context) {
  const ServerActionInfo& action = *find_action(ServerActionKind::kResize);
  auto held = co_await actions_.hold(std::move(request.server), action, context);
  if (!held) co_return std::unexpected(held.error());
  const Flavor* flavor = world_.records.find_flavor(request.flavor, context.is_admin(), context.project_id);
  if (!flavor) co_return invalid(fmt::format("Flavor {} could not be found.", request.flavor));
  const Flavor& now = held->row->spec.flavor;
  if (flavor->id == now.id) co_return invalid("When resizing, instances must change flavor!");
  if (flavor->root_gb == 0 && now.root_gb != 0) co_return invalid("Resize to zero disk flavor is not allowed.");
  Move move = move_of(MoveKind::kResize, *held->row);
  move.new_flavor = *flavor;
  co_return co_await begin_cold(*std::move(held), action, std::move(move), std::move(context));
}

Task<Expected<Empty>> MoveRequests::handle(MigrateServer request, RequestContext context) {
  const ServerActionInfo& action = *find_action(ServerActionKind::kMigrate);
  auto held = co_await actions_.hold(std::move(request.server), action, context);
  if (!held) co_return std::unexpected(held.error());
  if (auto host = check_host(*held->row, request.host, "Cannot migrate to the host where the server exists."); !host)
    co_return std::unexpected(host.error());
  Move move = move_of(MoveKind::kMigration, *held->row);
  move.requested_host = std::move(request.host);
  co_return co_await begin_cold(*std::move(held), action, std::move(move), std::move(context));
}

Task<Expected<Empty>> MoveRequests::begin_cold(HostActionFlow::Held held, const ServerActionInfo& action, Move move,
                                               RequestContext context) {
  Instance next = *held.row;
  if (!hosts_.is_up(next.current.host)) co_return fail(ErrorCode::kConflict, "Service is unavailable at this time.");
  const Uuid project = next.spec.project_id;
  Instance moving = next;
  moving.move = move;
  const QuotaUsage extra = more_of(next, moving);
  if (auto allowed = check_room(world_, next, extra); !allowed) co_return std::unexpected(allowed.error());
  QuotaReservation reservation(world_.reserved[project], extra);
  QuotaReservation of_user(world_.reserved_of_users[{project, next.spec.user_id}], extra);
  co_return co_await stages_.begin(std::move(next), std::move(move), action, std::move(context));
}

Task<Expected<Empty>> MoveRequests::handle(LiveMigrateServer request, RequestContext context) {
  const ServerActionInfo& action = *find_action(ServerActionKind::kLiveMigrate);
  auto held = co_await actions_.hold(std::move(request.server), action, context);
  if (!held) co_return std::unexpected(held.error());
  Instance next = *held->row;
  const std::string& host = next.current.host;
  if (auto other =
          check_host(next, request.host,
                     fmt::format("Unable to migrate instance ({}) to current host ({}).", to_string(next.uuid), host));
      !other)
    co_return std::unexpected(other.error());
  for (const std::string& needed : {host, request.host})
    if (!needed.empty() && !hosts_.is_up(needed))
      co_return invalid(fmt::format("Compute service of {} is unavailable at this time.", needed));
  Move move = move_of(MoveKind::kLiveMigration, next);
  move.requested_host = std::move(request.host);
  move.forced = request.force;
  co_return co_await stages_.begin(std::move(next), std::move(move), action, std::move(context));
}

Task<Expected<Empty>> MoveRequests::handle(EvacuateServer request, RequestContext context) {
  const ServerActionInfo& action = *find_action(ServerActionKind::kEvacuate);
  auto held = co_await actions_.hold(std::move(request.server), action, context);
  if (!held) co_return std::unexpected(held.error());
  auto images = co_await lock_images_of(world_, held->row->uuid);  // one that its host was making is lost
  Instance next = *held->row;
  if (next.move) co_return not_while("evacuate", next);
  const std::string& host = next.current.host;
  if (!request.host.empty() && !world_.records.of<Host>().contains(request.host))
    co_return fail(ErrorCode::kNotFound, fmt::format("Compute host {} not found.", request.host));
  if (request.host == host) co_return invalid("The target host can't be the same one.");
  if (world_.recovering || hosts_.is_up(host))
    co_return invalid(fmt::format("Compute service of {} is still in use.", host));
  Move move = move_of(MoveKind::kEvacuation, next);
  move.requested_host = std::move(request.host);
  move.forced = request.force;
  co_return co_await stages_.begin(std::move(next), std::move(move), action, std::move(context));
}

Task<Expected<Empty>> MoveRequests::handle(UnshelveServer request, RequestContext context) {
  const ServerActionInfo& action = *find_action(ServerActionKind::kUnshelve);
  auto held = co_await actions_.hold(std::move(request.server), action, context);
  if (!held) co_return std::unexpected(held.error());
  Instance next = *held->row;
  const bool offloaded = next.vm_state == VmState::kShelvedOffloaded;
  const bool says_where = request.sets_zone || !request.host.empty();
  if (says_where && !offloaded)
    co_return fail(ErrorCode::kConflict,
                   fmt::format("Specifying an availability zone or a host when unshelving server {} with status {} is "
                               "not supported. The server status must be SHELVED_OFFLOADED.",
                               to_string(next.uuid), status_name(next.vm_state, next.task_state)));
  if (request.sets_zone && !request.availability_zone.empty() && !world_.records.zone_exists(request.availability_zone))
    co_return invalid("The requested availability zone is not available");
  if (auto host = check_host(next, request.host, ""); !host) co_return std::unexpected(host.error());
  if (request.sets_zone) next.spec.availability_zone = request.availability_zone;
  if (!request.host.empty() && !next.spec.availability_zone.empty() &&
      world_.records.zone_of(world_.records.of<Host>().at(request.host)) != next.spec.availability_zone)
    co_return fail(ErrorCode::kConflict, fmt::format("Host {} is not in the availability zone {}.", request.host,
                                                     next.spec.availability_zone));
  // Its disks are still where they were.
  if (!offloaded) co_return co_await actions_.begin(std::move(next), action, std::move(context));
  Move move = move_of(MoveKind::kUnshelve, next);
  move.requested_host = std::move(request.host);
  co_return co_await stages_.begin(std::move(next), std::move(move), action, std::move(context));
}

Task<Expected<Empty>> MoveRequests::confirm(std::string server, RequestContext context) {
  auto held = co_await actions_.hold(std::move(server), *find_action(ServerActionKind::kConfirmResize), context);
  if (!held) co_return std::unexpected(held.error());
  Instance next = *held->row;
  if (next.move && next.move->stage == MoveStage::kConfirming) co_return Empty{};
  if (!next.move || !next.other)
    co_return invalid(
        fmt::format("Migration with status finished for instance {} was not found.", to_string(next.uuid)));
  MoveChanges changes(world_);
  changes.confirming(next, context);
  if (!co_await stages_.commit(std::move(next), std::move(changes)))
    co_return fail(ErrorCode::kUnavailable, "the store refused the change: nothing was changed, try again");
  co_return Empty{};
}

Task<Expected<Empty>> MoveRequests::revert(std::string server, RequestContext context) {
  auto held = co_await actions_.hold(std::move(server), *find_action(ServerActionKind::kRevertResize), context);
  if (!held) co_return std::unexpected(held.error());
  Instance next = *held->row;
  if (!next.move || !next.other || next.move->stage != MoveStage::kArrived)
    co_return fail(ErrorCode::kConflict,
                   fmt::format("Migration with status finished for instance {} was not found.", to_string(next.uuid)));
  // What was made smaller may have no room any more.
  Instance reverting = next;
  reverting.move->stage = MoveStage::kReverting;
  const QuotaUsage extra = more_of(next, reverting);
  if (auto allowed = check_room(world_, next, extra); !allowed) co_return std::unexpected(allowed.error());
  QuotaReservation reservation(world_.reserved[next.spec.project_id], extra);
  QuotaReservation of_user(world_.reserved_of_users[{next.spec.project_id, next.spec.user_id}], extra);
  MoveChanges changes(world_);
  changes.reverting(next, context);
  if (!co_await stages_.commit(std::move(next), std::move(changes)))
    co_return fail(ErrorCode::kUnavailable, "the store refused the change: nothing was changed, try again");
  co_return Empty{};
}

Expected<const Instance*> MoveRequests::find_live(const std::string& server, int64_t migration,
                                                  const RequestContext& context) const {
  auto row = find_server(world_.instances, scope_of(context, context.is_admin()), server);
  if (!row) return row;
  const auto& table = world_.records.of<Migration>();
  auto known = table.find(migration);
  if (known == table.end() || known->second.instance != (*row)->uuid)
    return fail(ErrorCode::kNotFound,
                fmt::format("Migration {} for server {} could not be found.", migration, to_string((*row)->uuid)));
  const bool live = (*row)->move && (*row)->move->migration == migration &&
                    (*row)->move->kind == MoveKind::kLiveMigration && (*row)->task_state != TaskState::kDeleting;
  if (live) return row;
  return invalid(
      fmt::format("Migration {} state of instance {} is {}. Cannot do it while the migration is in this state.",
                  migration, to_string((*row)->uuid), known->second.status));
}

Task<Expected<Empty>> MoveRequests::handle(AbortMigration request, RequestContext context) {
  auto found = find_live(request.server, request.migration, context);
  if (!found) co_return std::unexpected(found.error());
  const Uuid instance = (*found)->uuid;
  auto lock = co_await world_.instance_locks.acquire(instance);
  found = find_live(to_string(instance), request.migration, context);
  if (!found) co_return std::unexpected(found.error());
  Instance next = **found;
  const MoveStage stage = next.move->stage;
  const bool prepares = stage == MoveStage::kBuilding;
  if ((prepares && request.running_only) || (!prepares && stage != MoveStage::kLeaving))
    co_return invalid(
        fmt::format("Migration {} state of instance {} is {}. Cannot abort while the migration is in this "
                    "state.",
                    request.migration, to_string(instance), status_of(next.move->kind, stage)));
  MoveChanges changes(world_);
  changes.aborted(next);
  if (!co_await stages_.commit(std::move(next), std::move(changes)))
    co_return fail(ErrorCode::kUnavailable, "the store refused the change: nothing was changed, try again");
  if (prepares) end_drive(world_, instance);
  co_return Empty{};
}

Task<Expected<Empty>> MoveRequests::handle(ForceCompleteMigration request, RequestContext context) {
  auto found = find_live(request.server, request.migration, context);
  if (!found) co_return std::unexpected(found.error());
  if ((*found)->move->stage == MoveStage::kBuilding)
    co_return invalid(
        fmt::format("Migration {} state of instance {} is preparing. Cannot force_complete while the "
                    "migration is in this state.",
                    request.migration, to_string((*found)->uuid)));
  co_return Empty{};
}

}  // namespace kilonova::controller
