// Keystone: application credentials: a secret of a program's, with some of its user's roles in one project.
#include <fmt/format.h>

#include <utility>

#include "api-server/core/base64url.h"
#include "api-server/front/openstack/identity/access_rules.h"
#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/held_roles.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/roles.h"
#include "api-server/front/openstack/identity/routes.h"
#include "base/ids.h"
#include "domain/password_rule.h"

namespace kilonova::api::openstack {
namespace {

constexpr size_t kSecretBytes = 64;  // 86 characters, as Keystone's

std::vector<Property> properties() {
  return {{"name", keystone_name(), true},      {"description", null_or(text())}, {"secret", null_or(text())},
          {"expires_at", null_or(text())},      {"roles", roles_form()},          {"unrestricted", plain_boolean()},
          {"access_rules", access_rules_form()}};
}

// A user's own affair; administrators may look and delete.
std::expected<std::string, Refusal> user_of_path(const Call& call) {
  std::string id = call.in_path("user");
  if (!call.is_admin() && id != to_hex(call.caller.user_id)) return not_authorized(call);
  return id;
}

Task<std::expected<Json, Refusal>> full_view(Call& own, StoredObject credential) {
  Json roles = Json::array();
  for (const std::string& id : given_roles(credential)) {
    auto role = co_await find_role(own, id);
    if (!role && role.error().status == 404) continue;
    if (!role) co_return std::unexpected(std::move(role.error()));
    roles.push_back(resource_view(own, kRoleResource, *role));
  }
  Json view{{"id", credential.id}};
  for (const auto& [key, value] : credential.body.items())
    if (key != "secret_hash" && key != "roles" && key != "access_rules") view[key] = value;
  view["roles"] = std::move(roles);
  const Json* rules = member(credential.body, "access_rules");
  if (rules != nullptr && !rules->empty()) view["access_rules"] = *rules;
  view["links"] = self_link(own, fmt::format("users/{}/application_credentials", credential.owner), credential.id);
  co_return view;
}

// The roles that it is given: those that are asked for, if the token has them; else all of the token's.
Task<std::expected<RoleIds, Refusal>> roles_to_give(Call& own, const Json& wanted) {
  auto held = co_await roles_of_token(own, own.caller);
  if (!held) co_return held;
  const Json* asked = member(wanted, "roles");
  if (asked == nullptr || asked->empty()) co_return held;
  auto roles = co_await roles_of_body(own, Json(*asked));
  if (!roles) co_return roles;
  for (const std::string& id : *roles)
    if (!has_role(*held, id))
      co_return refused(400,
                        fmt::format("Invalid application credential: Could not find role assignment with role: {}, "
                                    "user or group: {}, project, domain, or system: {}.",
                                    id, to_hex(own.caller.user_id), to_hex(own.caller.project_id)));
  co_return roles;
}

Task<std::expected<StoredObject, Refusal>> made(Call& own, const Json& wanted, std::string secret) {
  auto expires_at = read_expiry(own, wanted);
  if (!expires_at) co_return std::unexpected(std::move(expires_at.error()));
  auto roles = co_await roles_to_give(own, wanted);
  if (!roles) co_return std::unexpected(std::move(roles.error()));
  if (roles->empty()) co_return not_authorized(own);
  std::string user = to_hex(own.caller.user_id), name = text_at(wanted, "name");
  const Json* asked = member(wanted, "access_rules");
  auto rules = co_await keep_access_rules(own, user, asked == nullptr ? Json::array() : *asked);
  if (!rules) co_return std::unexpected(std::move(rules.error()));
  const Json* description = member(wanted, "description");
  StoredObject credential{.id = new_id(own), .owner = user, .unique_name = user + "/" + name};
  credential.body = {{"name", name},
                     {"description", description == nullptr ? Json() : *description},
                     {"user_id", user},
                     {"project_id", to_hex(own.caller.project_id)},
                     {"system", nullptr},
                     {"expires_at", or_null(*expires_at)},
                     {"unrestricted", boolean_at(wanted, "unrestricted", false)},
                     {"roles", *roles},
                     {"access_rules", std::move(*rules)}};
  Expected<std::string> hash = co_await own.core.hash_secret(own.caller.user_id, std::move(secret));
  if (!hash) co_return std::unexpected(refusal_of(hash.error()));
  credential.body["secret_hash"] = std::move(*hash);
  co_return credential;
}

Task<Answered> create(Call& call) {
  if (call.in_path("user") != to_hex(call.caller.user_id)) co_return not_authorized(call);
  auto body = member_of_body(call, "application_credential");
  if (!body) co_return std::unexpected(std::move(body.error()));
  const Json& wanted = **body;
  if (auto wrong = check_form(properties(), wanted, true)) co_return std::unexpected(std::move(*wrong));
  Call own = as_itself(call);
  if (auto free = co_await check_undelegated(own, call.caller, "application credentials"); !free)
    co_return std::unexpected(std::move(free.error()));
  // A program acts in a project: there is none where the token has none.
  if (call.caller.scope != TokenScope::kProject) co_return not_authorized(call);
  std::string secret = text_at(wanted, "secret");
  if (secret.empty()) secret = to_base64url(call.core.random_bytes(kSecretBytes));
  if (auto formed = check_password(secret); !formed)
    co_return refused(400, fmt::format("Invalid input for field 'secret': {}", formed.error().message));
  auto credential = co_await made(own, wanted, secret);
  if (!credential) co_return std::unexpected(std::move(credential.error()));
  std::string name = text_at(wanted, "name");
  auto stored = co_await put_object(own, kApplicationCredentials, std::move(*credential));
  if (!stored && stored.error().status == 409)
    co_return keystone_conflict("application_credential", fmt::format("Duplicate entry found with name {}", name));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  auto view = co_await full_view(own, std::move(*stored));
  if (!view) co_return std::unexpected(std::move(view.error()));
  (*view)["secret"] = std::move(secret);  // shown this once
  co_return Answer{201, {{"application_credential", std::move(*view)}}};
}

Task<std::expected<StoredObject, Refusal>> find(Call& own) {
  auto user = user_of_path(own);
  if (!user) co_return std::unexpected(std::move(user.error()));
  std::string id = own.in_path("id");
  auto found = co_await find_object(own, kApplicationCredentials, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found || (*found)->owner != *user) co_return could_not_find("Application Credential", id);
  co_return std::move(**found);
}

Task<Answered> list(Call& call) {
  auto user = user_of_path(call);
  if (!user) co_return std::unexpected(std::move(user.error()));
  Call own = as_itself(call);
  auto all = co_await all_objects(own, kApplicationCredentials, *user);
  if (!all) co_return std::unexpected(std::move(all.error()));
  Json items = Json::array();
  for (StoredObject& one : *all) {
    auto view = co_await full_view(own, std::move(one));
    if (!view) co_return std::unexpected(std::move(view.error()));
    if (passes_query(call, *view, {"name"})) items.push_back(std::move(*view));
  }
  co_return Answer{200, list_body(call, "application_credentials", std::move(items))};
}

Task<Answered> show(Call& call) {
  Call own = as_itself(call);
  auto found = co_await find(own);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto view = co_await full_view(own, std::move(*found));
  if (!view) co_return std::unexpected(std::move(view.error()));
  co_return Answer{200, {{"application_credential", std::move(*view)}}};
}

Task<Answered> remove(Call& call) {
  Call own = as_itself(call);
  auto found = co_await find(own);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (auto free = co_await check_undelegated(own, call.caller, "application credentials"); !free)
    co_return std::unexpected(std::move(free.error()));
  if (auto dropped = co_await drop_delegation(own, kApplicationCredentials, *found); !dropped)
    co_return std::unexpected(std::move(dropped.error()));
  co_return Answer{204, nullptr};
}

constexpr std::string_view kAll = "/v3/users/{user}/application_credentials";
constexpr std::string_view kOne = "/v3/users/{user}/application_credentials/{id}";

constexpr Route kRoutes[] = {
    any_token("GET", kAll, "identity:list_application_credentials", &list),
    any_token("POST", kAll, "identity:create_application_credential", &create),
    any_token("GET", kOne, "identity:get_application_credential", &show),
    any_token("DELETE", kOne, "identity:delete_application_credential", &remove),
};

}  // namespace

std::span<const Route> application_credential_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
