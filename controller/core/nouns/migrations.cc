#include "controller/core/nouns/migrations.h"

#include <limits>
#include <utility>

#include "controller/core/nouns/servers.h"

namespace kilonova::controller {
namespace {

bool is_asked_for(const Migration& migration, const ListMigrations& asked) {
  const auto is = [](const std::string& wanted, std::string_view value) { return wanted.empty() || wanted == value; };
  if (!asked.host.empty() && asked.host != migration.source_compute && asked.host != migration.dest_compute) return false;
  if (asked.changed_since != WallTime{} && migration.updated_at < asked.changed_since) return false;
  if (asked.changed_before != WallTime{} && migration.updated_at > asked.changed_before) return false;
  return is(asked.source_compute, migration.source_compute) && is(asked.status, migration.status) &&
         is(asked.type, to_string(migration.kind)) && is(asked.user_id, to_hex(migration.user_id)) &&
         is(asked.project_id, to_hex(migration.project_id));
}

}  // namespace

Expected<MigrationList> Migrations::handle(const ListMigrations& request, const RequestContext& context) const {
  Uuid server;
  if (!request.server.empty()) {
    auto row = find_server(world_.instances, scope_of(context, context.is_admin()), request.server);
    if (!row) return std::unexpected(row.error());
    server = (*row)->uuid;
  }
  MigrationList list;
  const auto& table = world_.records.of<Migration>();
  auto it = table.lower_bound(request.marker == 0 ? std::numeric_limits<int64_t>::max() : request.marker);
  while (it != table.begin()) {
    const Migration& migration = (--it)->second;
    if ((!server.is_nil() && migration.instance != server) || !is_asked_for(migration, request)) continue;
    if (list.migrations.size() == request.limit) {
      list.more = true;
      break;
    }
    list.migrations.push_back(migration);
  }
  return list;
}

}  // namespace kilonova::controller
