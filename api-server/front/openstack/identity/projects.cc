// Keystone: projects.
#include <fmt/format.h>

#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/routes.h"
#include "base/ids.h"
#include "domain/nouns/project.h"

namespace kilonova::api::openstack {
namespace {

std::string last_id(const Project& project) { return to_string(project.id); }

Task<Answered> list(Call& call) {
  auto projects = co_await ask_all(call, ListProjects{}, &ProjectList::projects, &last_id);
  if (!projects) co_return std::unexpected(std::move(projects.error()));
  Json items = Json::array();
  for (const Project& project : *projects) {
    Json view = project_view(call, project);
    if (passes_query(call, view, {"domain_id", "enabled", "name", "parent_id", "is_domain"}))
      items.push_back(std::move(view));
  }
  co_return Answer{200, list_body(call, "projects", std::move(items))};
}

// A user may see the project of its token; its description is for those who may list projects.
Task<Answered> show(Call& call) {
  std::string id = call.in_path("project");
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!call.is_admin()) {
    if (uuid != call.caller.project_id)
      co_return refused(403, "You are not authorized to perform the requested action: identity:get_project.");
    Expected<LoginReply> me = co_await call.core.describe(call.meta, call.meta.token);
    if (!me) co_return std::unexpected(refusal_of(me.error()));
    co_return Answer{200, {{"project", project_view(call, Project{me->project_id, me->project, "", true})}}};
  }
  if (!uuid) co_return could_not_find("project", id);
  auto found =
      co_await ask_one(call, ListProjects{.project = to_string(*uuid)}, &ProjectList::projects, &Project::id, *uuid);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return could_not_find("project", id);
  co_return Answer{200, {{"project", project_view(call, **found)}}};
}

Task<Answered> create(Call& call) {
  const Json* wanted = member(call.body, "project");
  if (wanted == nullptr || !wanted->is_object()) co_return refused(400, "'project' is a required property");
  const Json* name = member(*wanted, "name");
  if (name == nullptr) co_return refused(400, "'name' is a required property");
  if (!name->is_string() || name->get_ref<const std::string&>().empty())
    co_return refused(400,
                      fmt::format("Invalid input for field 'name': {} is not of type 'string'", python_repr(*name)));
  if (const Json* domain = member(*wanted, "domain_id");
      domain != nullptr && !domain->is_null() && *domain != kDomainId)
    co_return refused(400, fmt::format("Invalid domain {}: this cloud has one, {}", python_repr(*domain), kDomainId));
  if (const Json* enabled = member(*wanted, "enabled"); enabled != nullptr && *enabled != true)
    co_return refused(501, "this cloud has no disabled projects");
  CreateProject create{text_at(*wanted, "name"), text_at(*wanted, "description")};
  std::string taken = create.name;
  auto made = co_await ask(call, std::move(create));
  if (!made && made.error().status == 409)
    co_return refused(409,
                      fmt::format("Conflict occurred attempting to store project - it is not permitted to have two "
                                  "projects with either the same name or same id in the same domain: name is {}, "
                                  "project id {}.",
                                  taken, ""));
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return Answer{201, {{"project", project_view(call, made->projects.front())}}};
}

Task<Answered> remove(Call& call) {
  std::string id = call.in_path("project");
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!uuid) co_return could_not_find("project", id);
  auto removed = co_await ask(call, DeleteProject{to_string(*uuid)});
  if (!removed && removed.error().status == 404) co_return could_not_find("project", id);
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{204, nullptr};
}

constexpr Route kRoutes[] = {
    {Service::kIdentity, "GET", "/v3/projects", UserRole::kAdmin, "identity:list_projects", &list},
    {Service::kIdentity, "POST", "/v3/projects", UserRole::kAdmin, "identity:create_project", &create},
    {Service::kIdentity, "GET", "/v3/projects/{project}", UserRole::kReader, "identity:get_project", &show},
    {Service::kIdentity, "DELETE", "/v3/projects/{project}", UserRole::kAdmin, "identity:delete_project", &remove},
};

}  // namespace

std::span<const Route> project_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
