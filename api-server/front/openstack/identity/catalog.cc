// Keystone: the catalog by itself, and what a token may be scoped to. There is one domain and no system scope.
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/routes.h"

namespace kilonova::api::openstack {
namespace {

Task<Answered> catalog(Call& call) {
  co_return Answer{
      200, {{"catalog", catalog_of(call.base)}, {"links", {{"self", call.base + "/identity/v3/auth/catalog"}}}}};
}

// Those that the token's user has a role in.
Task<Answered> my_projects(Call& call) {
  auto projects = co_await call.core.projects_of_caller(call.meta);
  if (!projects) co_return std::unexpected(refusal_of(projects.error()));
  Json items = Json::array();
  for (const Project& project : *projects) items.push_back(project_view(call, project));
  co_return Answer{200, list_body(call, "projects", std::move(items))};
}

Task<Answered> my_domains(Call& call) { co_return Answer{200, list_body(call, "domains", Json::array())}; }

Task<Answered> my_system(Call& call) { co_return Answer{200, list_body(call, "system", Json::array())}; }

constexpr Route kRoutes[] = {
    {Service::kIdentity, "GET", "/v3/auth/catalog", UserRole::kReader, "identity:get_auth_catalog", &catalog},
    {Service::kIdentity, "GET", "/v3/auth/projects", UserRole::kReader, "identity:get_auth_projects", &my_projects},
    {Service::kIdentity, "GET", "/v3/auth/domains", UserRole::kReader, "identity:get_auth_domains", &my_domains},
    {Service::kIdentity, "GET", "/v3/auth/system", UserRole::kReader, "identity:get_auth_system", &my_system},
};

}  // namespace

std::span<const Route> catalog_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
