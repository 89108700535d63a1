#include "controller/core/nouns/projects.h"

#include <fmt/format.h>

#include <utility>

#include "controller/core/named_records.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"

namespace kilonova::controller {

Expected<ProjectList> Projects::handle(const ListProjects& request, const RequestContext&) const {
  return list_records(&ProjectList::projects, world_.records.find_project(request.project), "project", request.project,
                      world_.records.of<Project>(), request.marker, request.limit, [](const Project&) { return true; });
}

Task<Expected<ProjectList>> Projects::handle(CreateProject request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("project");
  if (world_.records.find_project(request.name)) co_return already_exists("project", request.name);
  Project row{random_uuid(world_.random), request.name, request.description, true};
  auto committed = co_await put_record<Project>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return ProjectList{{row}};
}

Task<Expected<ProjectList>> Projects::handle(ReplaceProject request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("project");
  const Project* known = world_.records.find_project(request.project);
  if (!known) co_return not_found("project", request.project);
  const Project* named = world_.records.find_project(request.name);
  if (named && named->id != known->id) co_return already_exists("project", request.name);
  Project row{known->id, request.name, request.description, request.enabled};
  auto committed = co_await put_record<Project>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  co_return ProjectList{{std::move(row)}};
}

// Taken out before the commit, so that no create is planned in it meanwhile; those that are being committed count. Its
// client tokens end by age: nobody can use them any more, and there may be a million.
Task<Expected<Empty>> Projects::handle(DeleteProject request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("project");
  const Project* project = world_.records.find_project(request.project);
  if (!project) co_return not_found("project", request.project);
  Uuid id = project->id;
  int64_t servers = world_.instances.usage(id).instances + world_.reserved[id].instances;
  if (servers > 0)
    co_return fail(ErrorCode::kConflict,
                   fmt::format("project '{}' still has {} servers: delete them first", project->name, servers));
  Transaction transaction;
  transaction.push_back(mutation::Erase<Project>{id});
  transaction.push_back(mutation::Erase<Quota>{id});
  auto& users = world_.records.of<UserQuota>();
  for (const auto& [key, own] : users)
    if (key.first == id) transaction.push_back(mutation::Erase<UserQuota>{key});
  auto& groups = world_.records.of<ServerGroup>();
  for (const auto& [key, group] : groups)
    if (group.project_id == id) transaction.push_back(mutation::Erase<ServerGroup>{key});
  auto& roles = world_.records.of<RoleAssignment>();
  for (const auto& [key, role] : roles)
    if (role.project_id == id) transaction.push_back(mutation::Erase<RoleAssignment>{key});
  Project row = std::move(world_.records.of<Project>().extract(id).mapped());
  auto committed = co_await world_.store.commit(std::move(transaction));
  if (!committed) {
    world_.records.of<Project>()[id] = std::move(row);
    co_return std::unexpected(committed.error());
  }
  world_.reserved.erase(id);
  world_.records.of<Quota>().erase(id);
  std::erase_if(users, [&](const auto& entry) { return entry.first.first == id; });
  std::erase_if(world_.reserved_of_users, [&](const auto& entry) { return entry.first.first == id; });
  std::erase_if(groups, [&](const auto& entry) { return entry.second.project_id == id; });
  std::erase_if(roles, [&](const auto& entry) { return entry.second.project_id == id; });
  co_return Empty{};
}

}  // namespace kilonova::controller
