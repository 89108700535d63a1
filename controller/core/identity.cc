#include "controller/core/identity.h"

#include <fmt/format.h>

#include <utility>

#include "controller/core/single_commit.h"

namespace kilonova::controller {
namespace {

std::unexpected<Error> not_found(std::string_view what, std::string_view name) {
  return fail(ErrorCode::kNotFound, fmt::format("{} '{}' not found", what, name));
}

User without_hash(User user) {
  user.password_hash.clear();
  return user;
}

// nova/api/openstack/compute/quota_sets.py update: a limit that is changed covers what is used. kInvalidArgument names
// the first that does not.
Expected<> check_covers(const Quota& wanted, const Quota& now, const QuotaUsage& usage, const QuotaUsage& reserved) {
  auto check = [](std::string_view what, int64_t limit, int64_t before, int64_t used) -> Expected<> {
    if (limit == before || limit < 0 || limit >= used) return {};
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("Quota limit {} for {} must be greater than or equal to already used and reserved {}: delete "
                    "servers first, or force it",
                    limit, what, used));
  };
  auto covers = check("instances", wanted.instances, now.instances, usage.instances + reserved.instances);
  if (covers) covers = check("cores", wanted.cores, now.cores, usage.cores + reserved.cores);
  if (covers) covers = check("ram", wanted.ram_mb, now.ram_mb, usage.ram_mb + reserved.ram_mb);
  return covers;
}

}  // namespace

Expected<ApiResponse> Identity::find_user(const FindUser& request) const {
  const User* user = world_.records.find_user(request.user);
  if (!user || !user->enabled) return not_found("user", request.user);
  FoundUser found{*user, {}, UserRole::kNone};
  for (const auto& [key, role] : world_.records.roles) {
    if (key.first != user->id) continue;
    auto project = world_.records.projects.find(key.second);
    if (project == world_.records.projects.end() || !project->second.enabled) continue;
    bool wanted = request.project.empty() || project->second.name == request.project ||
                  parse_uuid(request.project) == project->second.id;
    // Without a project named, the one of the user's own name, else the first.
    bool better = found.role == UserRole::kNone || (request.project.empty() && project->second.name == user->name);
    if (!wanted || !better) continue;
    found.project = project->second;
    found.role = role;
  }
  if (found.role == UserRole::kNone) return not_found("role of the user in project", request.project);
  return found;
}

Expected<ApiResponse> Identity::list(const ListProjects& request) const {
  ProjectList reply;
  if (!request.project.empty()) {
    const Project* project = world_.records.find_project(request.project);
    if (!project) return not_found("project", request.project);
    reply.projects.push_back(*project);
    return reply;
  }
  for (const auto& [id, project] : world_.records.projects) reply.projects.push_back(project);
  return reply;
}

Expected<ApiResponse> Identity::list(const ListUsers& request) const {
  UserList reply;
  if (!request.user.empty()) {
    const User* user = world_.records.find_user(request.user);
    if (!user) return not_found("user", request.user);
    reply.users.push_back(without_hash(*user));
  } else {
    for (const auto& [id, user] : world_.records.users) reply.users.push_back(without_hash(user));
  }
  for (const auto& [key, role] : world_.records.roles)
    if (request.user.empty() || key.first == reply.users.front().id)
      reply.roles.push_back(RoleAssignment{key.first, key.second, role});
  return reply;
}

Task<Expected<ApiResponse>> Identity::create(CreateProject request) {
  auto lock = co_await world_.record_locks.acquire("project");
  if (world_.records.find_project(request.name))
    co_return fail(ErrorCode::kAlreadyExists, fmt::format("project '{}' already exists", request.name));
  Project row{random_uuid(world_.random), request.name, request.description, true};
  auto committed = co_await commit_one(world_, mutation::PutProject{row});
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.projects[row.id] = row;
  co_return ProjectList{{row}};
}

// Taken out before the commit, so that no create is planned in it meanwhile; those that are being committed count.
Task<Expected<ApiResponse>> Identity::remove(DeleteProject request) {
  auto lock = co_await world_.record_locks.acquire("project");
  const Project* project = world_.records.find_project(request.project);
  if (!project) co_return not_found("project", request.project);
  Uuid id = project->id;
  int64_t servers = world_.instances.usage(id).instances + world_.reserved[id].instances;
  if (servers > 0)
    co_return fail(ErrorCode::kConflict,
                   fmt::format("project '{}' still has {} servers: delete them first", project->name, servers));
  Project row = std::move(world_.records.projects.extract(id).mapped());
  auto committed = co_await commit_one(world_, mutation::EraseProject{id});
  if (!committed) {
    world_.records.projects[id] = std::move(row);
    co_return std::unexpected(committed.error());
  }
  world_.reserved.erase(id);
  world_.records.quotas.erase(id);
  std::erase_if(world_.records.roles, [&](const auto& entry) { return entry.first.second == id; });
  world_.records.client_tokens.erase_project(id);
  co_return Empty{};
}

Task<Expected<ApiResponse>> Identity::create(CreateUser request) {
  auto lock = co_await world_.record_locks.acquire("user");
  if (world_.records.find_user(request.name))
    co_return fail(ErrorCode::kAlreadyExists, fmt::format("user '{}' already exists", request.name));
  User row{random_uuid(world_.random), request.name, request.password_hash, true};
  auto committed = co_await commit_one(world_, mutation::PutUser{row});
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.users[row.id] = row;
  co_return UserList{{without_hash(row)}, {}};
}

Task<Expected<ApiResponse>> Identity::remove(DeleteUser request) {
  const User* user = world_.records.find_user(request.user);
  if (!user) co_return not_found("user", request.user);
  Uuid id = user->id;
  auto committed = co_await commit_one(world_, mutation::EraseUser{id});
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.users.erase(id);
  std::erase_if(world_.records.roles, [&](const auto& entry) { return entry.first.first == id; });
  std::erase_if(world_.records.key_pairs, [&](const auto& entry) { return entry.first.first == id; });
  co_return Empty{};
}

Task<Expected<ApiResponse>> Identity::grant(GrantRole request) {
  auto lock = co_await world_.record_locks.acquire("project");
  const User* user = world_.records.find_user(request.user);
  if (!user) co_return not_found("user", request.user);
  const Project* project = world_.records.find_project(request.project);
  if (!project) co_return not_found("project", request.project);
  RoleAssignment row{user->id, project->id, request.role};
  auto committed = co_await commit_one(world_, mutation::PutRoleAssignment{row});
  if (!committed) co_return std::unexpected(committed.error());
  if (row.role == UserRole::kNone) {
    world_.records.roles.erase({row.user_id, row.project_id});
  } else {
    world_.records.roles[{row.user_id, row.project_id}] = row.role;
  }
  co_return Empty{};
}

Expected<ApiResponse> Identity::quota(const GetQuota& request, const RequestContext& context) const {
  Uuid id = context.project_id;
  if (!request.project.empty()) {
    const Project* project = world_.records.find_project(request.project);
    if (!project || (project->id != id && !context.is_admin())) return not_found("project", request.project);
    id = project->id;
  }
  return QuotaReply{world_.records.quota(id), world_.instances.usage(id)};
}

Task<Expected<ApiResponse>> Identity::set_quota(SetQuota request) {
  auto lock = co_await world_.record_locks.acquire("project");
  const Project* project = world_.records.find_project(request.project);
  if (!project) co_return not_found("project", request.project);
  Quota row = request.quota;
  row.project_id = project->id;
  auto covers = check_covers(row, world_.records.quota(row.project_id), world_.instances.usage(row.project_id),
                             world_.reserved[row.project_id]);
  if (!covers && !request.force) co_return std::unexpected(covers.error());
  auto committed = co_await commit_one(world_, mutation::PutQuota{row});
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.quotas[row.project_id] = row;
  co_return QuotaReply{row, world_.instances.usage(row.project_id)};
}

}  // namespace kilonova::controller
