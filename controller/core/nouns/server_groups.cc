#include "controller/core/nouns/server_groups.h"

#include <algorithm>
#include <utility>

#include "controller/core/group_policy.h"
#include "controller/core/named_records.h"
#include "domain/nouns/project.h"

namespace kilonova::controller {
namespace {

// The lock under which groups are made: of two at once the second is counted with the first.
constexpr const char* kLock = "server_group";

}  // namespace

int64_t server_groups_of(const RecordTables& records, const Uuid& project) {
  return std::ranges::count_if(records.of<ServerGroup>(),
                               [&](const auto& entry) { return entry.second.project_id == project; });
}

int64_t server_groups_of(const RecordTables& records, const Uuid& project, const Uuid& user) {
  return std::ranges::count_if(records.of<ServerGroup>(), [&](const auto& entry) {
    return entry.second.project_id == project && entry.second.user_id == user;
  });
}

Expected<ServerGroupList> ServerGroups::handle(const ListServerGroups& request, const RequestContext& context) const {
  const ProjectScope scope = scope_of(context, request.all_projects);
  const ServerGroup* named = nullptr;
  if (!request.group.empty()) {
    auto found = find_server_group(world_.records, scope, request.group);
    if (!found) return std::unexpected(found.error());
    named = *found;
  }
  auto reply = list_records(&ServerGroupList::groups, named, "server group", request.group,
                            world_.records.of<ServerGroup>(), request.marker, request.limit,
                            [&](const ServerGroup& row) { return scope.contains(row.project_id); });
  if (!reply) return reply;
  for (const ServerGroup& group : reply->groups)
    for (const Instance* member : members_of(world_.instances, group.id))
      reply->members.push_back({group.id, member->uuid});
  return reply;
}

Task<Expected<ServerGroupList>> ServerGroups::handle(CreateServerGroup request, RequestContext context) {
  auto lock = co_await world_.record_locks.acquire(kLock);
  if (!world_.records.of<Project>().contains(context.project_id))
    co_return fail(ErrorCode::kUnauthenticated, "the project that this token is for was deleted: log in to another");
  const int64_t limit = world_.records.quota(context.project_id).server_groups;
  const int64_t of_user = world_.records.quota(context.project_id, context.user_id).server_groups;
  const bool is_users = world_.records.has_own_quota(context.project_id, context.user_id);
  if ((limit >= 0 && server_groups_of(world_.records, context.project_id) >= limit) ||
      (is_users && of_user >= 0 && server_groups_of(world_.records, context.project_id, context.user_id) >= of_user))
    co_return fail(ErrorCode::kQuotaExceeded, "Quota exceeded, too many server groups.");
  ServerGroup row;
  row.id = random_uuid(world_.random);
  row.project_id = context.project_id;
  row.user_id = context.user_id;
  row.name = std::move(request.name);
  row.policy = request.policy;
  row.max_server_per_host = request.max_server_per_host;
  row.created_at = world_.loop.wall_now();
  auto committed = co_await put_record<ServerGroup>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return ServerGroupList{.groups = {std::move(row)}};
}

Task<Expected<Empty>> ServerGroups::handle(DeleteServerGroup request, RequestContext context) {
  const ProjectScope scope = scope_of(context, request.all_projects);
  auto found = find_server_group(world_.records, scope, request.group);
  if (!found) co_return std::unexpected(found.error());
  const Uuid id = (*found)->id;
  auto lock = co_await world_.record_locks.acquire(group_lock(id));
  if (!world_.records.of<ServerGroup>().contains(id)) co_return not_found("server group", request.group);
  auto committed = co_await erase_record<ServerGroup>(world_, id);
  if (!committed) co_return std::unexpected(committed.error());
  co_return Empty{};
}

}  // namespace kilonova::controller
