// Keystone: the routes of grants, and the list of all assignments.
#include <fmt/format.h>

#include <map>
#include <set>

#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/grants.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/roles.h"
#include "api-server/front/openstack/identity/routes.h"
#include "base/ids.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {
namespace {

// What the path names. Its parts tell whose grant it is, and on what.
Grant grant_of_path(const Call& call) {
  Grant grant{"system", "all", "user", call.in_path("user"), call.in_path("role"), false};
  if (std::string id = call.in_path("project"); !id.empty()) grant.target = "project", grant.target_id = id;
  if (std::string id = call.in_path("domain"); !id.empty()) grant.target = "domain", grant.target_id = id;
  if (std::string id = call.in_path("group"); !id.empty()) grant.actor = "group", grant.actor_id = id;
  grant.inherited = call.route->pattern.starts_with("/v3/OS-INHERIT/");
  return grant;
}

Task<Answered> list(Call& call) {
  Grant asked = grant_of_path(call);
  if (auto ends = co_await check_grant_ends(call, asked); !ends) co_return std::unexpected(std::move(ends.error()));
  auto grants = co_await all_grants(call);
  if (!grants) co_return std::unexpected(std::move(grants.error()));
  Json items = Json::array();
  for (const Grant& grant : *grants) {
    asked.role = grant.role;
    if (!(grant == asked)) continue;
    auto role = co_await find_role(call, grant.role);
    if (!role && role.error().status == 404) continue;
    if (!role) co_return std::unexpected(std::move(role.error()));
    items.push_back(resource_view(call, kRoleResource, *role));
  }
  co_return Answer{200, list_body(call, "roles", std::move(items))};
}

Task<Answered> check(Call& call) {
  Grant asked = grant_of_path(call);
  if (auto ends = co_await check_grant_ends(call, asked); !ends) co_return std::unexpected(std::move(ends.error()));
  auto grants = co_await all_grants(call);
  if (!grants) co_return std::unexpected(std::move(grants.error()));
  if (std::ranges::find(*grants, asked) == grants->end())
    co_return refused(404, fmt::format("Could not find role assignment with role: {}, user or group: {}, project, "
                                       "domain, or system: {}.",
                                       asked.role, asked.actor_id, asked.target_id));
  co_return Answer{204, nullptr};
}

Task<Answered> put(Call& call) {
  if (auto done = co_await put_grant(call, grant_of_path(call)); !done)
    co_return std::unexpected(std::move(done.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> revoke(Call& call) {
  if (auto done = co_await delete_grant(call, grant_of_path(call)); !done)
    co_return std::unexpected(std::move(done.error()));
  co_return Answer{204, nullptr};
}

// ---- all assignments

struct Names {
  std::map<std::string, std::string> users;
  std::map<std::string, std::string> groups;
  std::map<std::string, std::string> projects;
  std::map<std::string, std::string> roles;
};

Json named(const std::string& id, const std::map<std::string, std::string>& names, bool in_domain) {
  auto name = names.find(id);
  Json one{{"id", id}, {"name", name == names.end() ? "" : name->second}};
  if (in_domain) one["domain"] = domain_reference();
  return one;
}

Json assignment_view(const Call& call, const Grant& grant, const Names* names) {
  Json role = names != nullptr ? named(grant.role, names->roles, false) : Json{{"id", grant.role}};
  Json actor{{"id", grant.actor_id}};
  Json target{{"id", grant.target_id}};
  if (names != nullptr) {
    actor = named(grant.actor_id, grant.actor == "user" ? names->users : names->groups, true);
    if (grant.target == "project") target = named(grant.target_id, names->projects, true);
  }
  Json scope =
      grant.target == "system" ? Json{{"system", {{"all", true}}}} : object_of(grant.target, std::move(target));
  if (grant.inherited) scope["OS-INHERIT:inherited_to"] = "projects";
  std::string path = grant.target == "system" ? "system" : fmt::format("{}s/{}", grant.target, grant.target_id);
  std::string url =
      fmt::format("{}/identity/v3/{}{}/{}s/{}/roles/{}{}", call.base, grant.inherited ? "OS-INHERIT/" : "", path,
                  grant.actor, grant.actor_id, grant.role, grant.inherited ? "/inherited_to_projects" : "");
  return {{"role", std::move(role)},
          {grant.actor, std::move(actor)},
          {"scope", std::move(scope)},
          {"links", {{"assignment", std::move(url)}}}};
}

bool is_wanted(const Call& call, const Grant& grant) {
  auto fits = [&](std::string_view key, bool is_of_it, const std::string& value) {
    const std::string* wanted = call.in_query(key);
    return wanted == nullptr || (is_of_it && *wanted == value);
  };
  return fits("user.id", grant.actor == "user", grant.actor_id) &&
         fits("group.id", grant.actor == "group", grant.actor_id) && fits("role.id", true, grant.role) &&
         fits("scope.project.id", grant.target == "project", grant.target_id) &&
         fits("scope.domain.id", grant.target == "domain", grant.target_id) &&
         (call.in_query("scope.system") == nullptr || grant.target == "system") &&
         (call.in_query("scope.OS-INHERIT:inherited_to") == nullptr || grant.inherited);
}

std::optional<Refusal> check_query(const Call& call) {
  auto both = [&](std::string_view a, std::string_view b) {
    return call.in_query(a) != nullptr && call.in_query(b) != nullptr;
  };
  if (both("user.id", "group.id")) return Refusal{400, "Specify a user or group, not both"};
  if (both("scope.project.id", "scope.domain.id") || both("scope.project.id", "scope.system") ||
      both("scope.domain.id", "scope.system"))
    return Refusal{400, "Specify a domain or project or system, not several"};
  if (both("effective", "group.id"))
    return Refusal{400, "Combining effective and group filter will always result in an empty list."};
  return std::nullopt;
}

Task<std::expected<Names, Refusal>> read_names(Call& call) {
  Names names;
  auto users =
      co_await ask_all(call, ListUsers{}, &UserList::users, [](const User& user) { return to_string(user.id); });
  if (!users) co_return std::unexpected(std::move(users.error()));
  for (const User& user : *users) names.users[to_hex(user.id)] = user.name;
  auto projects = co_await ask_all(call, ListProjects{}, &ProjectList::projects,
                                   [](const Project& project) { return to_string(project.id); });
  if (!projects) co_return std::unexpected(std::move(projects.error()));
  for (const Project& project : *projects) names.projects[to_hex(project.id)] = project.name;
  for (UserRole role : kRoles) names.roles[role_id(role)] = to_string(role);
  for (auto [kind, into] : {std::pair("group", &names.groups), std::pair("role", &names.roles)}) {
    auto objects = co_await all_objects(call, kind);
    if (!objects) co_return std::unexpected(std::move(objects.error()));
    for (const StoredObject& object : *objects) (*into)[object.id] = text_at(object.body, "name");
  }
  co_return names;
}

bool is_asked(const Call& call, std::string_view key) {
  const std::string* value = call.in_query(key);
  return value != nullptr && *value != "0";
}

Task<Answered> list_assignments(Call& call) {
  if (auto wrong = check_query(call)) co_return std::unexpected(std::move(*wrong));
  auto grants = co_await all_grants(call);
  if (grants && is_asked(call, "effective")) grants = co_await effective_grants(call, std::move(*grants));
  if (!grants) co_return std::unexpected(std::move(grants.error()));
  std::optional<Names> names;
  if (is_asked(call, "include_names")) {
    auto read = co_await read_names(call);
    if (!read) co_return std::unexpected(std::move(read.error()));
    names = std::move(*read);
  }
  Json items = Json::array();
  for (const Grant& grant : *grants)
    if (is_wanted(call, grant)) items.push_back(assignment_view(call, grant, names ? &*names : nullptr));
  co_return Answer{200, list_body(call, "role_assignments", std::move(items))};
}

constexpr Service kKeystone = Service::kIdentity;
constexpr UserRole kAdmin = UserRole::kAdmin;

#define KN_GRANT_ROUTES(target, actor)                                                                      \
  {kKeystone, "GET", "/v3/" target "/" actor "/roles", kAdmin, "identity:list_grants", &list},              \
      {kKeystone, "GET", "/v3/" target "/" actor "/roles/{role}", kAdmin, "identity:check_grant", &check},  \
      {kKeystone, "PUT", "/v3/" target "/" actor "/roles/{role}", kAdmin, "identity:create_grant", &put}, { \
    kKeystone, "DELETE", "/v3/" target "/" actor "/roles/{role}", kAdmin, "identity:revoke_grant", &revoke  \
  }

#define KN_INHERITED(target, actor) "/v3/OS-INHERIT/" target "/" actor "/roles/{role}/inherited_to_projects"
#define KN_INHERITED_ROUTES(target, actor)                                                      \
  {kKeystone, "GET", KN_INHERITED(target, actor), kAdmin, "identity:check_grant", &check},      \
      {kKeystone, "PUT", KN_INHERITED(target, actor), kAdmin, "identity:create_grant", &put}, { \
    kKeystone, "DELETE", KN_INHERITED(target, actor), kAdmin, "identity:revoke_grant", &revoke  \
  }

constexpr Route kRoutes[] = {
    {kKeystone, "GET", "/v3/role_assignments", kAdmin, "identity:list_role_assignments", &list_assignments},
    KN_GRANT_ROUTES("projects/{project}", "users/{user}"),
    KN_GRANT_ROUTES("projects/{project}", "groups/{group}"),
    KN_GRANT_ROUTES("domains/{domain}", "users/{user}"),
    KN_GRANT_ROUTES("domains/{domain}", "groups/{group}"),
    KN_GRANT_ROUTES("system", "users/{user}"),
    KN_GRANT_ROUTES("system", "groups/{group}"),
    KN_INHERITED_ROUTES("projects/{project}", "users/{user}"),
    KN_INHERITED_ROUTES("projects/{project}", "groups/{group}"),
    KN_INHERITED_ROUTES("domains/{domain}", "users/{user}"),
    KN_INHERITED_ROUTES("domains/{domain}", "groups/{group}"),
    {kKeystone, "GET", "/v3/OS-INHERIT/domains/{domain}/users/{user}/roles/inherited_to_projects", kAdmin,
     "identity:list_grants", &list},
    {kKeystone, "GET", "/v3/OS-INHERIT/domains/{domain}/groups/{group}/roles/inherited_to_projects", kAdmin,
     "identity:list_grants", &list},
};

#undef KN_GRANT_ROUTES
#undef KN_INHERITED_ROUTES
#undef KN_INHERITED

}  // namespace

std::span<const Route> grant_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
