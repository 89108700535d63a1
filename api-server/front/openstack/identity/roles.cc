// Keystone: its three roles, and who has which where. A user has one role in a project here, the highest; it includes
// those below it, as Keystone's implied roles do.
#include <fmt/format.h>

#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/routes.h"
#include "base/ids.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {
namespace {

Json role_view(const Call& call, UserRole role) {
  return {
      {"id", role_id(role)},    {"name", to_string(role)},          {"domain_id", nullptr},
      {"description", nullptr}, {"options", {{"immutable", true}}}, {"links", self_link(call, "roles", role_id(role))}};
}

Task<Answered> list(Call& call) {
  Json items = Json::array();
  for (UserRole role : kRoles) {
    Json view = role_view(call, role);
    if (passes_query(call, view, {"name", "domain_id"})) items.push_back(std::move(view));
  }
  co_return Answer{200, list_body(call, "roles", std::move(items))};
}

Task<Answered> show(Call& call) {
  UserRole role = role_of_id(call.in_path("role"));
  if (role == UserRole::kNone) co_return could_not_find("role", call.in_path("role"));
  co_return Answer{200, {{"role", role_view(call, role)}}};
}

// A grant's user, as the path names it, with the role that it has in the path's project.
struct Grant {
  std::string user;     // dashed
  std::string project;  // dashed
  UserRole held = UserRole::kNone;
};

Task<std::expected<Grant, Refusal>> find_grant(Call& call) {
  std::optional<Uuid> user = parse_uuid(call.in_path("user"));
  std::optional<Uuid> project = parse_uuid(call.in_path("project"));
  if (!project) co_return could_not_find("project", call.in_path("project"));
  if (!user) co_return could_not_find("user", call.in_path("user"));
  auto projects = co_await ask(call, ListProjects{.project = to_string(*project)});
  if (!projects && projects.error().status == 404) co_return could_not_find("project", call.in_path("project"));
  if (!projects) co_return std::unexpected(std::move(projects.error()));
  auto users = co_await ask(call, ListUsers{.user = to_string(*user)});
  if (!users && users.error().status == 404) co_return could_not_find("user", call.in_path("user"));
  if (!users) co_return std::unexpected(std::move(users.error()));
  Grant grant{to_string(*user), to_string(*project)};
  for (const RoleAssignment& role : users->roles)
    if (role.project_id == *project) grant.held = role.role;
  co_return grant;
}

Task<Answered> list_grants(Call& call) {
  auto grant = co_await find_grant(call);
  if (!grant) co_return std::unexpected(std::move(grant.error()));
  Json items = Json::array();
  if (grant->held != UserRole::kNone) items.push_back(role_view(call, grant->held));
  co_return Answer{200, list_body(call, "roles", std::move(items))};
}

Task<Answered> check_grant(Call& call) {
  UserRole role = role_of_id(call.in_path("role"));
  if (role == UserRole::kNone) co_return could_not_find("role", call.in_path("role"));
  auto grant = co_await find_grant(call);
  if (!grant) co_return std::unexpected(std::move(grant.error()));
  if (grant->held != role)
    co_return refused(404,
                      fmt::format("Could not find role assignment with role: {}, user or group: {}, project, domain, "
                                  "or system: {}.",
                                  call.in_path("role"), call.in_path("user"), call.in_path("project")));
  co_return Answer{204, nullptr};
}

// A lower role than the one that is held changes nothing: it is included.
Task<Answered> put_grant(Call& call) {
  UserRole role = role_of_id(call.in_path("role"));
  if (role == UserRole::kNone) co_return could_not_find("role", call.in_path("role"));
  auto grant = co_await find_grant(call);
  if (!grant) co_return std::unexpected(std::move(grant.error()));
  if (grant->held < role) {
    auto granted = co_await ask(call, GrantRole{grant->user, grant->project, role});
    if (!granted) co_return std::unexpected(std::move(granted.error()));
  }
  co_return Answer{204, nullptr};
}

Task<Answered> delete_grant(Call& call) {
  Answered held = co_await check_grant(call);
  if (!held) co_return held;
  auto revoked = co_await ask(call, GrantRole{to_string(*parse_uuid(call.in_path("user"))),
                                              to_string(*parse_uuid(call.in_path("project"))), UserRole::kNone});
  if (!revoked) co_return std::unexpected(std::move(revoked.error()));
  co_return Answer{204, nullptr};
}

std::string last_user(const User& user) { return to_string(user.id); }

struct Names {
  std::map<Uuid, std::string> users;
  std::map<Uuid, std::string> projects;
};

Json assignment_view(const Call& call, const RoleAssignment& row, const Names* names) {
  Json role{{"id", role_id(row.role)}};
  Json user{{"id", to_hex(row.user_id)}};
  Json project{{"id", to_hex(row.project_id)}};
  if (names != nullptr) {
    role["name"] = to_string(row.role);
    user["name"] = names->users.contains(row.user_id) ? names->users.at(row.user_id) : "";
    project["name"] = names->projects.contains(row.project_id) ? names->projects.at(row.project_id) : "";
    user["domain"] = domain_reference();
    project["domain"] = domain_reference();
  }
  return {{"role", std::move(role)},
          {"user", std::move(user)},
          {"scope", {{"project", std::move(project)}}},
          {"links",
           {{"assignment", fmt::format("{}/identity/v3/projects/{}/users/{}/roles/{}", call.base,
                                       to_hex(row.project_id), to_hex(row.user_id), role_id(row.role))}}}};
}

bool is_wanted(const Call& call, const RoleAssignment& row) {
  auto fits = [&](std::string_view key, const std::string& value) {
    const std::string* wanted = call.in_query(key);
    return wanted == nullptr || *wanted == value;
  };
  return fits("user.id", to_hex(row.user_id)) && fits("scope.project.id", to_hex(row.project_id)) &&
         fits("role.id", role_id(row.role)) && call.in_query("group.id") == nullptr &&
         call.in_query("scope.domain.id") == nullptr && call.in_query("scope.system") == nullptr;
}

Task<Answered> list_assignments(Call& call) {
  Names names;
  std::vector<RoleAssignment> rows;
  ListUsers page;
  for (bool more = true; more;) {
    auto users = co_await ask(call, page);
    if (!users) co_return std::unexpected(std::move(users.error()));
    for (const User& user : users->users) names.users[user.id] = user.name;
    rows.insert(rows.end(), users->roles.begin(), users->roles.end());
    more = users->more && !users->users.empty();
    if (more) page.marker = last_user(users->users.back());
  }
  const std::string* with_names = call.in_query("include_names");
  bool named = with_names != nullptr && *with_names != "0";
  if (named) {
    auto projects = co_await ask_all(call, ListProjects{}, &ProjectList::projects,
                                     [](const Project& project) { return to_string(project.id); });
    if (!projects) co_return std::unexpected(std::move(projects.error()));
    for (const Project& project : *projects) names.projects[project.id] = project.name;
  }
  Json items = Json::array();
  for (const RoleAssignment& row : rows)
    if (is_wanted(call, row)) items.push_back(assignment_view(call, row, named ? &names : nullptr));
  co_return Answer{200, list_body(call, "role_assignments", std::move(items))};
}

constexpr std::string_view kGrants = "/v3/projects/{project}/users/{user}/roles";
constexpr std::string_view kGrant = "/v3/projects/{project}/users/{user}/roles/{role}";

constexpr Route kRoutes[] = {
    {Service::kIdentity, "GET", "/v3/roles", UserRole::kAdmin, "identity:list_roles", &list},
    {Service::kIdentity, "GET", "/v3/roles/{role}", UserRole::kAdmin, "identity:get_role", &show},
    {Service::kIdentity, "GET", "/v3/role_assignments", UserRole::kAdmin, "identity:list_role_assignments",
     &list_assignments},
    {Service::kIdentity, "GET", kGrants, UserRole::kAdmin, "identity:list_grants", &list_grants},
    {Service::kIdentity, "GET", kGrant, UserRole::kAdmin, "identity:check_grant", &check_grant},
    {Service::kIdentity, "PUT", kGrant, UserRole::kAdmin, "identity:create_grant", &put_grant},
    {Service::kIdentity, "DELETE", kGrant, UserRole::kAdmin, "identity:revoke_grant", &delete_grant},
};

}  // namespace

std::span<const Route> role_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
