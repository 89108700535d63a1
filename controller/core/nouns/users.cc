#include "controller/core/nouns/users.h"

#include <utility>

#include "controller/core/named_records.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"
#include "domain/user_role.h"

namespace kilonova::controller {

Expected<FoundUser> Users::handle(const FindUser& request, const RequestContext&) const {
  const User* user = world_.records.find_user(request.user);
  if (!user || !user->enabled) return not_found("user", request.user);
  FoundUser found{*user, {}, UserRole::kNone};
  for (const auto& [key, assignment] : world_.records.of<RoleAssignment>()) {
    if (assignment.user_id != user->id) continue;
    const auto& projects = world_.records.of<Project>();
    auto project = projects.find(assignment.project_id);
    if (project == projects.end() || !project->second.enabled) continue;
    bool wanted = request.project.empty() || project->second.name == request.project ||
                  parse_uuid(request.project) == project->second.id;
    // Without a project named, the one of the user's own name, else the first.
    bool better = found.role == UserRole::kNone || (request.project.empty() && project->second.name == user->name);
    if (!wanted || !better) continue;
    found.project = project->second;
    found.role = assignment.role;
  }
  // Who names no project may be somebody without a role in any.
  if (found.role == UserRole::kNone && !request.project.empty())
    return not_found("role of the user in project", request.project);
  return found;
}

Expected<UserList> Users::handle(const ListUsers& request, const RequestContext&) const {
  auto reply = list_records(&UserList::users, world_.records.find_user(request.user), "user", request.user,
                            world_.records.of<User>(), request.marker, request.limit, [](const User&) { return true; });
  if (!reply) return reply;
  const auto& roles = world_.records.of<RoleAssignment>();
  for (User& user : reply->users) {
    user.password_hash.clear();
    for (auto it = roles.lower_bound({user.id, Uuid{}}); it != roles.end() && it->first.first == user.id; ++it)
      reply->roles.push_back(it->second);
  }
  return reply;
}

Task<Expected<UserList>> Users::handle(StoreUser request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("user");
  if (world_.records.find_user(request.name)) co_return already_exists("user", request.name);
  User row{random_uuid(world_.random), request.name, request.password_hash, true};
  auto committed = co_await put_record<User>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  row.password_hash.clear();
  co_return UserList{{row}};
}

Task<Expected<UserList>> Users::handle(ReplaceUser request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("user");
  const User* known = world_.records.find_user(request.user);
  if (!known) co_return not_found("user", request.user);
  const User* named = world_.records.find_user(request.name);
  if (named && named->id != known->id) co_return already_exists("user", request.name);
  User row{known->id, request.name, request.password_hash.empty() ? known->password_hash : request.password_hash,
           request.enabled};
  auto committed = co_await put_record<User>(world_, row);
  if (!committed) co_return std::unexpected(committed.error());
  row.password_hash.clear();
  co_return UserList{{std::move(row)}};
}

// Under the lock that roles and key pairs are made under, so that none of a user is left that is gone.
Task<Expected<Empty>> Users::handle(DeleteUser request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("user");
  const User* user = world_.records.find_user(request.user);
  if (!user) co_return not_found("user", request.user);
  Uuid id = user->id;
  auto& roles = world_.records.of<RoleAssignment>();
  auto& keys = world_.records.of<KeyPair>();
  Transaction transaction;
  transaction.push_back(mutation::Erase<User>{id});
  for (const auto& [key, role] : roles)
    if (role.user_id == id) transaction.push_back(mutation::Erase<RoleAssignment>{key});
  for (const auto& [key, pair] : keys)
    if (pair.user_id == id) transaction.push_back(mutation::Erase<KeyPair>{key});
  auto& quotas = world_.records.of<UserQuota>();
  for (const auto& [key, own] : quotas)
    if (key.second == id) transaction.push_back(mutation::Erase<UserQuota>{key});
  auto committed = co_await world_.store.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.of<User>().erase(id);
  std::erase_if(quotas, [&](const auto& entry) { return entry.first.second == id; });
  std::erase_if(roles, [&](const auto& entry) { return entry.second.user_id == id; });
  std::erase_if(keys, [&](const auto& entry) { return entry.second.user_id == id; });
  co_return Empty{};
}

Task<Expected<Empty>> Users::handle(GrantRole request, RequestContext) {
  auto users = co_await world_.record_locks.acquire("user");
  auto projects = co_await world_.record_locks.acquire("project");
  const User* user = world_.records.find_user(request.user);
  if (!user) co_return not_found("user", request.user);
  const Project* project = world_.records.find_project(request.project);
  if (!project) co_return not_found("project", request.project);
  RoleAssignment row{user->id, project->id, request.role};
  Expected<> committed;
  if (row.role == UserRole::kNone) {
    committed = co_await erase_record<RoleAssignment>(world_, row.key());
  } else {
    committed = co_await put_record<RoleAssignment>(world_, row);
  }
  if (!committed) co_return std::unexpected(committed.error());
  co_return Empty{};
}

}  // namespace kilonova::controller
