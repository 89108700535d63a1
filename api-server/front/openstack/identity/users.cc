// Keystone: users, and the projects that a user has a role in.
#include <fmt/format.h>

#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/routes.h"
#include "base/ids.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {
namespace {

std::string last_id(const User& user) { return to_string(user.id); }

Task<Answered> list(Call& call) {
  auto users = co_await ask_all(call, ListUsers{}, &UserList::users, &last_id);
  if (!users) co_return std::unexpected(std::move(users.error()));
  Json items = Json::array();
  for (const User& user : *users) {
    Json view = user_view(call, user);
    if (passes_query(call, view, {"domain_id", "enabled", "name"})) items.push_back(std::move(view));
  }
  co_return Answer{200, list_body(call, "users", std::move(items))};
}

Task<Answered> show(Call& call) {
  std::string id = call.in_path("user");
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!call.is_admin()) {
    if (uuid != call.caller.user_id)
      co_return refused(403, "You are not authorized to perform the requested action: identity:get_user.");
    Expected<LoginReply> me = co_await call.core.describe(call.meta, call.meta.token);
    if (!me) co_return std::unexpected(refusal_of(me.error()));
    co_return Answer{200, {{"user", user_view(call, User{me->user_id, me->user, "", true})}}};
  }
  if (!uuid) co_return could_not_find("user", id);
  auto found = co_await ask_one(call, ListUsers{.user = to_string(*uuid)}, &UserList::users, &User::id, *uuid);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return could_not_find("user", id);
  co_return Answer{200, {{"user", user_view(call, **found)}}};
}

Task<Answered> create(Call& call) {
  const Json* wanted = member(call.body, "user");
  if (wanted == nullptr || !wanted->is_object()) co_return refused(400, "'user' is a required property");
  const Json* name = member(*wanted, "name");
  if (name == nullptr) co_return refused(400, "'name' is a required property");
  if (!name->is_string())
    co_return refused(400,
                      fmt::format("Invalid input for field 'name': {} is not of type 'string'", python_repr(*name)));
  if (const Json* domain = member(*wanted, "domain_id");
      domain != nullptr && !domain->is_null() && *domain != kDomainId)
    co_return could_not_find("domain", domain->is_string() ? domain->get_ref<const std::string&>() : "");
  if (const Json* enabled = member(*wanted, "enabled"); enabled != nullptr && *enabled != true)
    co_return refused(501, "this cloud has no disabled users");
  CreateUser create{text_at(*wanted, "name"), text_at(*wanted, "password")};
  std::string taken = create.name;
  auto made = co_await ask(call, std::move(create));
  if (!made && made.error().status == 409)
    co_return refused(409,
                      fmt::format("Conflict occurred attempting to store user - Duplicate entry found with name {} "
                                  "at domain ID {}.",
                                  taken, kDomainId));
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return Answer{201, {{"user", user_view(call, made->users.front())}}};
}

Task<Answered> remove(Call& call) {
  std::string id = call.in_path("user");
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!uuid) co_return could_not_find("user", id);
  auto removed = co_await ask(call, DeleteUser{to_string(*uuid)});
  if (!removed && removed.error().status == 404) co_return could_not_find("user", id);
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{204, nullptr};
}

// Where a user has a role: its own affair, and an admin's.
Task<Answered> list_projects(Call& call) {
  std::string id = call.in_path("user");
  std::optional<Uuid> uuid = parse_uuid(id);
  std::vector<Project> projects;
  if (uuid == call.caller.user_id) {
    auto own = co_await call.core.projects_of_caller(call.meta);
    if (!own) co_return std::unexpected(refusal_of(own.error()));
    projects = std::move(*own);
  } else if (!call.is_admin()) {
    co_return refused(403, "You are not authorized to perform the requested action: identity:list_user_projects.");
  } else {
    if (!uuid) co_return could_not_find("user", id);
    auto users = co_await ask(call, ListUsers{.user = to_string(*uuid)});
    if (!users && users.error().status == 404) co_return could_not_find("user", id);
    if (!users) co_return std::unexpected(std::move(users.error()));
    for (const RoleAssignment& role : users->roles) {
      auto found = co_await ask(call, ListProjects{.project = to_string(role.project_id)});
      if (!found && found.error().status != 404) co_return std::unexpected(std::move(found.error()));
      if (found && !found->projects.empty()) projects.push_back(std::move(found->projects.front()));
    }
  }
  Json items = Json::array();
  for (const Project& project : projects) {
    Json view = project_view(call, project);
    if (passes_query(call, view, {"domain_id", "enabled", "name"})) items.push_back(std::move(view));
  }
  co_return Answer{200, list_body(call, "projects", std::move(items))};
}

constexpr Route kRoutes[] = {
    {Service::kIdentity, "GET", "/v3/users", UserRole::kAdmin, "identity:list_users", &list},
    {Service::kIdentity, "POST", "/v3/users", UserRole::kAdmin, "identity:create_user", &create},
    {Service::kIdentity, "GET", "/v3/users/{user}", UserRole::kReader, "identity:get_user", &show},
    {Service::kIdentity, "GET", "/v3/users/{user}/projects", UserRole::kReader, "identity:list_user_projects",
     &list_projects},
    {Service::kIdentity, "DELETE", "/v3/users/{user}", UserRole::kAdmin, "identity:delete_user", &remove},
};

}  // namespace

std::span<const Route> user_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
