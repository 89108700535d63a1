#include "controller/core/deleted_servers.h"

#include <algorithm>
#include <set>
#include <utility>

#include "controller/core/answered_row.h"
#include "controller/core/instance_actions.h"
#include "domain/move.h"

namespace kilonova::controller {
namespace {

constexpr const char* kDelete = "delete";

// As nova/objects/instance.py leaves a row that is destroyed: it keeps its host, and nothing that others may have now.
Instance last_row(const RecordTables& records, const Instance& row, WallTime now) {
  Instance last = answered_row(records, row);
  last.vm_state = VmState::kDeleted;
  last.task_state = TaskState::kNone;
  last.power_state = PowerState::kNoState;
  last.current.addresses.clear();
  last.tried_hosts.clear();
  last.alternates.clear();
  last.other.reset();
  last.move.reset();
  last.updated_at = now;
  return last;
}

// Nobody is known to have asked for it where the time for which it could be restored was over, or after a restart.
std::vector<InstanceAction> last_actions(const RecordTables& records, const Instance& row,
                                         const DeletePending& deletion, WallTime now) {
  std::vector<InstanceAction> actions = actions_of(records, row);
  if (deletion.by.user_id.is_nil()) return actions;
  InstanceAction deleted{.instance = row.uuid,
                         .number = actions.front().number + 1,
                         .action = kDelete,
                         .request_id = deletion.by.trace.request_id,
                         .user_id = deletion.by.user_id,
                         .project_id = deletion.by.project_id,
                         .started_at = deletion.since,
                         .finished_at = now,
                         .host = row.current.host};
  deleted.events = {{"compute_terminate_instance", deletion.since, now, row.current.host, false}};
  actions.insert(actions.begin(), std::move(deleted));
  return actions;
}

}  // namespace

void DeletedServerChanges::remember(const Instance& row, const DeletePending& deletion) {
  const auto& table = world_.records.of<DeletedServer>();
  const size_t kept = world_.options.deleted_servers_kept;
  const size_t most = kept == 0 ? 0 : kept - 1;  // of the others
  size_t forgotten = table.size() > most ? table.size() - most : 0;
  std::set<Uuid> servers;
  for (auto oldest = table.begin(); forgotten > 0; ++oldest, --forgotten) {
    erased_.push_back(oldest->first);
    servers.insert(oldest->second.row.uuid);
  }
  if (kept == 0) servers.insert(row.uuid);
  if (!servers.empty())
    for (const auto& [id, migration] : world_.records.of<Migration>())
      if (servers.contains(migration.instance)) erased_migrations_.push_back(id);
  if (kept == 0) return;
  const WallTime now = world_.loop.wall_now();
  DeletedServer& gone = put_.emplace_back();
  gone.number = ++world_.last_deleted_server;  // others may be under way to the store
  gone.row = last_row(world_.records, row, now);
  const auto& properties = world_.records.of<ServerProperties>();
  if (auto said = properties.find(row.uuid); said != properties.end()) gone.properties = said->second;
  gone.actions = last_actions(world_.records, row, deletion, now);
  traces_[gone.number] = deletion.by.trace;
}

void DeletedServerChanges::put(Transaction& transaction) const {
  for (int64_t number : erased_) transaction.push_back(mutation::Erase<DeletedServer>{number});
  for (int64_t id : erased_migrations_) transaction.push_back(mutation::Erase<Migration>{id});
  for (const DeletedServer& gone : put_) transaction.push_back(mutation::Put<DeletedServer>{gone});
}

void DeletedServerChanges::apply() {
  auto& table = world_.records.of<DeletedServer>();
  for (int64_t number : erased_) table.erase(number);
  for (int64_t id : erased_migrations_) world_.records.of<Migration>().erase(id);
  for (DeletedServer& gone : put_) {
    const int64_t number = gone.number;
    if (!gone.actions.empty() && gone.actions.front().action == kDelete)
      world_.log.action(std::exchange(traces_[number], {}), gone.actions.front());
    table.insert_or_assign(number, std::move(gone));
  }
}

const DeletedServer* find_deleted_server(const RecordTables& records, const ProjectScope& scope, const Uuid& server) {
  for (const auto& [number, gone] : records.of<DeletedServer>())
    if (gone.row.uuid == server && scope.contains(gone.row.spec.project_id)) return &gone;
  return nullptr;
}

void add_deleted_servers(const RecordTables& records, const ProjectScope& scope, const InstanceFilter& filter,
                         WallTime since, ServerList& page) {
  for (const auto& [number, gone] : records.of<DeletedServer>()) {
    if (gone.row.updated_at < since || !scope.contains(gone.row.spec.project_id) || gone.row.id >= filter.before_id ||
        !matches(gone.row, filter))
      continue;
    page.servers.push_back(gone.row);
    if (!gone.properties.empty()) page.properties.push_back(gone.properties);
  }
  std::ranges::sort(page.servers, std::greater(), &Instance::id);
  if (page.servers.size() <= filter.limit) return;
  page.servers.resize(filter.limit);
  page.more = true;
}

}  // namespace kilonova::controller
