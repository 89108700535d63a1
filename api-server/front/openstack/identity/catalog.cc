// Keystone: the catalog by itself, and what a token may be for.
#include "api-server/front/openstack/identity/domains.h"
#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/held_roles.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
#include "api-server/front/openstack/identity/token_facts.h"
#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

Task<Answered> catalog(Call& call) {
  if (call.caller.scope == TokenScope::kUnscoped) co_return not_authorized(call);
  co_return Answer{
      200, {{"catalog", catalog_of(call.base)}, {"links", {{"self", call.base + "/identity/v3/auth/catalog"}}}}};
}

// Those that the token's user has a role in.
Task<Answered> my_projects(Call& call) {
  Call own = as_itself(call);
  auto views = co_await projects_held_by(own, to_hex(call.caller.user_id));
  if (!views) co_return std::unexpected(std::move(views.error()));
  Json items = Json::array();
  for (Json& view : *views)
    if (view["enabled"] == true) items.push_back(std::move(view));
  co_return Answer{200, list_body(call, "projects", std::move(items))};
}

Task<Answered> my_domains(Call& call) {
  Call own = as_itself(call);
  auto held = co_await roles_held_by(own, to_hex(call.caller.user_id));
  if (!held) co_return std::unexpected(std::move(held.error()));
  Json items = Json::array();
  for (const auto& [id, roles] : held->domains) {
    auto view = co_await find_domain_view(own, id);
    if (!view) co_return std::unexpected(std::move(view.error()));
    if (*view && (**view)["enabled"] == true) items.push_back(std::move(**view));
  }
  co_return Answer{200, list_body(call, "domains", std::move(items))};
}

Task<Answered> my_system(Call& call) {
  Call own = as_itself(call);
  auto held = co_await roles_held_by(own, to_hex(call.caller.user_id));
  if (!held) co_return std::unexpected(std::move(held.error()));
  Json items = Json::array();
  if (!held->system.empty()) items.push_back({{"all", true}});
  co_return Answer{200, list_body(call, "system", std::move(items))};
}

constexpr Route kRoutes[] = {
    any_token("GET", "/v3/auth/catalog", "identity:get_auth_catalog", &catalog),
    any_token("GET", "/v3/auth/projects", "identity:get_auth_projects", &my_projects),
    any_token("GET", "/v3/auth/domains", "identity:get_auth_domains", &my_domains),
    any_token("GET", "/v3/auth/system", "identity:get_auth_system", &my_system),
    any_token("GET", "/v3/OS-FEDERATION/projects", "identity:get_auth_projects", &my_projects),
    any_token("GET", "/v3/OS-FEDERATION/domains", "identity:get_auth_domains", &my_domains),
};

}  // namespace

std::span<const Route> catalog_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
