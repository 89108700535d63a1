#include "api-server/front/openstack/identity/grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "api-server/front/openstack/identity/domains.h"
#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/reach.h"
#include "api-server/front/openstack/identity/roles.h"
#include "api-server/front/openstack/records.h"
#include "base/ids.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {
namespace {

std::string id_of(const Grant& grant) {
  return fmt::format("{}-{}-{}-{}-{}{}", grant.target, grant.target_id, grant.actor, grant.actor_id, grant.role,
                     grant.inherited ? "-inherited" : "");
}

StoredObject object_of_grant(const Grant& grant) {
  return {.id = id_of(grant),
          .owner = grant.actor_id,
          .body = {{"target", grant.target},
                   {"target_id", grant.target_id},
                   {"actor", grant.actor},
                   {"actor_id", grant.actor_id},
                   {"role", grant.role},
                   {"inherited", grant.inherited}}};
}

Task<std::expected<UserList, Refusal>> every_user(Call& call) {
  UserList all;
  for (ListUsers page;;) {
    auto users = co_await ask(call, page);
    if (!users) co_return std::unexpected(std::move(users.error()));
    if (!users->users.empty()) page.marker = to_string(users->users.back().id);
    std::ranges::move(users->roles, std::back_inserter(all.roles));
    bool is_last = !users->more || users->users.empty();
    std::ranges::move(users->users, std::back_inserter(all.users));
    if (is_last) co_return all;
  }
}

// The roles that were given without Keystone: no grant says them.
std::vector<Grant> unsaid(const UserList& users, const std::vector<Grant>& grants, const Reach& reach) {
  std::vector<Grant> found;
  for (const RoleAssignment& row : users.roles) {
    std::string user = to_hex(row.user_id), project = to_hex(row.project_id);
    bool is_said = std::ranges::any_of(grants, [&](const Grant& grant) {
      return role_of_id(grant.role) == row.role && reach.covers_actor(grant, user) &&
             reach.covers_target(grant, project);
    });
    if (!is_said) found.push_back({"project", project, "user", user, role_id(row.role), false});
  }
  return found;
}

Task<Checked> apply(Call& call, const UserList& users, const std::vector<Grant>& grants, const Reach& reach) {
  std::map<std::string, std::map<std::string, UserRole>> held;  // by user, by project
  for (const RoleAssignment& row : users.roles) held[to_hex(row.user_id)][to_hex(row.project_id)] = row.role;
  auto projects = co_await ask_all(call, ListProjects{}, &ProjectList::projects,
                                   [](const Project& project) { return to_string(project.id); });
  if (!projects) co_return std::unexpected(std::move(projects.error()));
  for (const User& user : users.users) {
    std::string user_id = to_hex(user.id);
    std::map<std::string, UserRole> due = held[user_id];
    for (auto& [project, role] : due) role = UserRole::kNone;
    for (const Grant& grant : grants) {
      UserRole role = role_of_id(grant.role);
      if (role == UserRole::kNone || !reach.covers_actor(grant, user_id)) continue;
      if (!grant.inherited && grant.target == "project") due[grant.target_id] = std::max(due[grant.target_id], role);
      if (!grant.inherited) continue;
      for (const Project& project : *projects)
        if (std::string id = to_hex(project.id); reach.covers_target(grant, id)) due[id] = std::max(due[id], role);
    }
    for (const auto& [project, role] : due) {
      auto has = held[user_id].find(project);
      std::optional<Uuid> id = parse_uuid(project);
      if (!id || role == (has == held[user_id].end() ? UserRole::kNone : has->second)) continue;
      auto granted = co_await ask(call, GrantRole{to_string(user.id), to_string(*id), role});
      if (!granted && granted.error().status != 404) co_return std::unexpected(std::move(granted.error()));
    }
  }
  co_return Checked();
}

// One change of what follows from grants.
struct Change {
  enum class Kind : uint8_t { kPut, kDelete, kDropAllOf, kJoin, kLeave } kind;
  Grant grant;     // kPut, kDelete; of kJoin and kLeave the user in it
  std::string id;  // kDropAllOf: whose; kJoin, kLeave: the group
};

Task<Checked> drop(Call& call, const Grant& grant) {
  auto gone = co_await delete_object(call, kGrants, id_of(grant));
  if (!gone && gone.error().status != 404) co_return std::unexpected(std::move(gone.error()));
  co_return Checked();
}

Task<Checked> make(Call& call, std::string_view kind, StoredObject object) {
  auto put = co_await put_object(call, kind, std::move(object));
  if (!put && put.error().status != 409) co_return std::unexpected(std::move(put.error()));
  co_return Checked();
}

// Of a group, or of a user.
Task<Checked> drop_memberships(Call& call, const std::string& id, Reach& reach) {
  for (auto& [user, groups] : reach.groups_of) {
    std::vector<std::string> left(groups.begin(), groups.end());
    if (user != id) std::erase_if(left, [&](const std::string& group) { return group != id; });
    for (const std::string& group : left) {
      auto gone = co_await delete_object(call, kMemberships, membership_id(group, user));
      if (!gone && gone.error().status != 404) co_return gone;
      groups.erase(group);
    }
  }
  co_return Checked();
}

// In the store, and in `grants` and `reach`, which have what is there.
Task<Checked> store_change(Call& call, const Change& change, std::vector<Grant>& grants, Reach& reach) {
  const Grant& grant = change.grant;
  auto known = std::ranges::find(grants, grant);
  switch (change.kind) {
    case Change::Kind::kPut:
      if (known == grants.end()) grants.push_back(grant);
      co_return co_await make(call, kGrants, object_of_grant(grant));
    case Change::Kind::kDelete:
      if (known == grants.end())
        co_return refused(404, fmt::format("Could not find role assignment with role: {}, user or group: {}, project, "
                                           "domain, or system: {}.",
                                           grant.role, grant.actor_id, grant.target_id));
      grants.erase(known);
      co_return co_await drop(call, grant);
    case Change::Kind::kDropAllOf: {
      auto others = std::ranges::partition(grants, [&](const Grant& one) {
        return one.actor_id != change.id && one.target_id != change.id && one.role != change.id;
      });
      for (const Grant& one : others)
        if (auto gone = co_await drop(call, one); !gone) co_return gone;
      grants.erase(others.begin(), others.end());
      co_return co_await drop_memberships(call, change.id, reach);
    }
    case Change::Kind::kJoin:
      reach.groups_of[grant.actor_id].insert(change.id);
      co_return co_await make(call, kMemberships,
                              {.id = membership_id(change.id, grant.actor_id), .owner = grant.actor_id});
    case Change::Kind::kLeave:
      reach.groups_of[grant.actor_id].erase(change.id);
      co_return co_await delete_object(call, kMemberships, membership_id(change.id, grant.actor_id));
  }
  co_return Checked();
}

// Makes the change, between writing down what the grants don't say and applying what they do.
Task<Checked> change_grants(Call& call, Change change) {
  auto grants = co_await stored_grants(call);
  if (!grants) co_return std::unexpected(std::move(grants.error()));
  auto users = co_await every_user(call);
  if (!users) co_return std::unexpected(std::move(users.error()));
  auto reach = co_await read_reach(call);
  if (!reach) co_return std::unexpected(std::move(reach.error()));
  for (Grant& grant : unsaid(*users, *grants, *reach)) {
    if (auto written = co_await make(call, kGrants, object_of_grant(grant)); !written) co_return written;
    grants->push_back(std::move(grant));
  }
  if (auto changed = co_await store_change(call, change, *grants, *reach); !changed) co_return changed;
  co_return co_await apply(call, *users, *grants, *reach);
}

Task<Checked> check_target(Call& call, const Grant& grant) {
  if (grant.target == "system") co_return Checked();
  if (grant.target == "domain") {
    auto found = co_await is_domain(call, grant.target_id);
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (!*found) co_return could_not_find("domain", grant.target_id);
    co_return Checked();
  }
  if (auto found = co_await find_project(call, grant.target_id); !found)
    co_return std::unexpected(std::move(found.error()));
  co_return Checked();
}

Task<Checked> check_actor(Call& call, const Grant& grant) {
  if (grant.actor == "group") {
    auto found = co_await find_object(call, "group", grant.actor_id);
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (!*found) co_return could_not_find("group", grant.actor_id);
    co_return Checked();
  }
  if (auto found = co_await find_user(call, grant.actor_id); !found)
    co_return std::unexpected(std::move(found.error()));
  co_return Checked();
}

}  // namespace

Task<Checked> check_grant_ends(Call& call, Grant grant) {
  if (auto target = co_await check_target(call, grant); !target) co_return target;
  if (auto actor = co_await check_actor(call, grant); !actor) co_return actor;
  if (grant.role.empty()) co_return Checked();
  auto role = co_await find_role(call, grant.role);
  if (!role) co_return std::unexpected(std::move(role.error()));
  co_return Checked();
}

Task<std::expected<std::vector<Grant>, Refusal>> all_grants(Call& call) {
  auto grants = co_await stored_grants(call);
  if (!grants) co_return std::unexpected(std::move(grants.error()));
  auto users = co_await every_user(call);
  if (!users) co_return std::unexpected(std::move(users.error()));
  auto reach = co_await read_reach(call);
  if (!reach) co_return std::unexpected(std::move(reach.error()));
  std::ranges::move(unsaid(*users, *grants, *reach), std::back_inserter(*grants));
  co_return std::move(*grants);
}

Task<Checked> put_grant(Call& call, Grant grant) {
  if (auto ends = co_await check_grant_ends(call, grant); !ends) co_return ends;
  co_return co_await change_grants(call, {Change::Kind::kPut, std::move(grant), {}});
}

Task<Checked> delete_grant(Call& call, Grant grant) {
  if (auto ends = co_await check_grant_ends(call, grant); !ends) co_return ends;
  co_return co_await change_grants(call, {Change::Kind::kDelete, std::move(grant), {}});
}

Task<Checked> drop_grants_of(Call& call, std::string id) {
  return change_grants(call, {Change::Kind::kDropAllOf, {}, std::move(id)});
}

std::string membership_id(std::string_view group, std::string_view user) { return fmt::format("{}-{}", group, user); }

Task<Checked> join_group(Call& call, std::string group, std::string user) {
  return change_grants(call, {Change::Kind::kJoin, {.actor_id = std::move(user)}, std::move(group)});
}

Task<Checked> leave_group(Call& call, std::string group, std::string user) {
  return change_grants(call, {Change::Kind::kLeave, {.actor_id = std::move(user)}, std::move(group)});
}

Task<std::expected<std::vector<Grant>, Refusal>> effective_grants(Call& call, std::vector<Grant> grants) {
  auto reach = co_await read_reach(call);
  if (!reach) co_return std::unexpected(std::move(reach.error()));
  auto inferences = co_await all_inferences(call);
  if (!inferences) co_return std::unexpected(std::move(inferences.error()));
  auto projects = co_await ask_all(call, ListProjects{}, &ProjectList::projects,
                                   [](const Project& project) { return to_string(project.id); });
  if (!projects) co_return std::unexpected(std::move(projects.error()));
  auto roles = co_await all_objects(call, kRoleResource.kind);
  if (!roles) co_return std::unexpected(std::move(roles.error()));
  std::set<std::string> of_domains;
  for (const StoredObject& role : *roles)
    if (!role.body["domain_id"].is_null()) of_domains.insert(role.id);

  std::vector<Grant> spread;  // on projects, domains and the system themselves, of users
  for (const Grant& grant : grants) {
    std::vector<Grant> of_users;
    if (grant.actor == "user") of_users.push_back(grant);
    for (const auto& [user, groups] : reach->groups_of)
      if (grant.actor == "group" && groups.contains(grant.actor_id))
        of_users.push_back({grant.target, grant.target_id, "user", user, grant.role, grant.inherited});
    for (Grant& one : of_users) {
      if (!one.inherited) {
        spread.push_back(std::move(one));
        continue;
      }
      for (const Project& project : *projects)
        if (std::string id = to_hex(project.id); reach->covers_target(one, id))
          spread.push_back({"project", id, "user", one.actor_id, one.role, false});
    }
  }
  std::vector<Grant> effective;
  for (size_t i = 0; i < spread.size(); ++i) {
    for (const std::string& implied : (*inferences)[spread[i].role]) {
      Grant more = spread[i];
      more.role = implied;
      if (std::ranges::find(spread, more) == spread.end()) spread.push_back(std::move(more));
    }
    if (!of_domains.contains(spread[i].role) && std::ranges::find(effective, spread[i]) == effective.end())
      effective.push_back(spread[i]);
  }
  co_return effective;
}

}  // namespace kilonova::api::openstack
