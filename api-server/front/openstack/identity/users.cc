// Keystone: users, and the projects that a user has a role in.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/domains.h"
#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/grants.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
#include "api-server/front/openstack/identity/token_facts.h"
#include "api-server/front/openstack/request_meta.h"
#include "base/ids.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {
namespace {

std::string last_id(const User& user) { return to_string(user.id); }

// What the rest of the cloud knows of a user; anything else that a client says is an extra.
constexpr std::string_view kOfTheRow[] = {"id", "name", "password", "enabled", "links"};

std::vector<Property> user_properties() {
  return {{"name", keystone_name(), true},  {"password", null_or(text())},           {"enabled", plain_boolean()},
          {"description", null_or(text())}, {"default_project_id", null_or(text())}, {"domain_id", null_or(text())},
          {"options", map_of(anything())}};
}

// A default project of null is none, and not shown; a domain of null is the first one.
void take_extras(const Json& wanted, Json& extras) {
  for (const auto& [key, value] : wanted.items()) {
    if (std::ranges::find(kOfTheRow, key) != std::end(kOfTheRow)) continue;
    if ((key == "default_project_id" || key == "domain_id") && value.is_null()) {
      extras.erase(key);
    } else {
      extras[key] = value;
    }
  }
}

Task<Answered> list(Call& call) {
  auto users = co_await ask_all(call, ListUsers{}, &UserList::users, &last_id);
  if (!users) co_return std::unexpected(std::move(users.error()));
  std::ranges::sort(*users, {}, &User::name);  // ids are drawn: their order would be another in each cloud
  auto extras = co_await all_extras(call, ExtrasOf::kUser);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  Json items = Json::array();
  for (const User& user : *users) {
    Json view = whole_user(call, user, (*extras)[to_hex(user.id)]);
    if (passes_query(call, view, {"domain_id", "enabled", "name"})) items.push_back(std::move(view));
  }
  co_return Answer{200, list_body(call, "users", std::move(items))};
}

Task<Answered> show(Call& call) {
  if (!call.is_admin() && parse_uuid(call.in_path("user")) != call.caller.user_id) co_return not_authorized(call);
  Call own = as_itself(call);
  auto user = co_await find_user(own, call.in_path("user"));
  if (!user) co_return std::unexpected(std::move(user.error()));
  auto extras = co_await find_extras(own, ExtrasOf::kUser, to_hex(user->id));
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  co_return Answer{200, {{"user", whole_user(call, *user, extras->body)}}};
}

std::unexpected<Refusal> name_is_taken(const std::string& name, const std::string& domain) {
  return keystone_conflict("user", fmt::format("Duplicate entry found with name {} at domain ID {}", name, domain));
}

// A domain can't be anybody's default project; one that is not there, Keystone takes.
Task<Checked> check_default_project(Call& call, const Json& wanted) {
  std::string id = text_at(wanted, "default_project_id");
  if (id.empty()) co_return Checked();
  auto domain = co_await is_domain(call, id);
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  if (!*domain) co_return Checked();
  co_return refused(400, fmt::format("User's default project ID cannot be a domain ID: {}", id));
}

Task<Answered> create(Call& call) {
  auto body = member_of_body(call, "user");
  if (!body) co_return std::unexpected(std::move(body.error()));
  const Json& wanted = **body;
  if (auto wrong = check_form(user_properties(), wanted, true)) co_return std::unexpected(std::move(*wrong));
  auto domain = co_await domain_of_body(call, wanted, 404);
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  if (auto checked = co_await check_default_project(call, wanted); !checked)
    co_return std::unexpected(std::move(checked.error()));
  // Keystone's user without a password can't log in: its password is one that nobody knows.
  CreateUser create{text_at(wanted, "name"), text_at(wanted, "password")};
  if (create.password.empty()) create.password = new_id(call);
  std::string taken = create.name;
  auto made = co_await ask(call, std::move(create));
  if (!made && made.error().status == 409) co_return name_is_taken(taken, *domain);
  if (!made) co_return std::unexpected(std::move(made.error()));
  User user = std::move(made->users.front());
  if (!boolean_at(wanted, "enabled", true)) {
    user.enabled = false;
    auto replaced = co_await call.core.ask_own(call.meta, ReplaceUser{to_string(user.id), user.name, "", false}, "");
    if (!replaced) co_return std::unexpected(refusal_of(replaced.error()));
  }
  StoredObject extras{.id = to_hex(user.id)};
  take_extras(wanted, extras.body);
  Json shown = extras.body;
  if (auto put = co_await put_extras(call, ExtrasOf::kUser, std::move(extras)); !put)
    co_return std::unexpected(std::move(put.error()));
  co_return Answer{201, {{"user", whole_user(call, user, shown)}}};
}

Task<Answered> update(Call& call) {
  auto user = co_await find_user(call, call.in_path("user"));
  if (!user) co_return std::unexpected(std::move(user.error()));
  auto body = member_of_body(call, "user");
  if (!body) co_return std::unexpected(std::move(body.error()));
  const Json& wanted = **body;
  if (auto wrong = check_form(user_properties(), wanted, false)) co_return std::unexpected(std::move(*wrong));
  if (const Json* id = member(wanted, "id"); id != nullptr && *id != to_hex(user->id))
    co_return refused(400, "Cannot change user ID");
  auto extras = co_await find_extras(call, ExtrasOf::kUser, to_hex(user->id));
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  std::string domain = text_at(whole_user(call, *user, extras->body), "domain_id");
  if (const Json* other = member(wanted, "domain_id"); other != nullptr && *other != domain)
    co_return refused(400, "Cannot change Domain ID");
  if (auto checked = co_await check_default_project(call, wanted); !checked)
    co_return std::unexpected(std::move(checked.error()));
  if (const Json* name = member(wanted, "name")) user->name = name->get<std::string>();
  user->enabled = boolean_at(wanted, "enabled", user->enabled);
  auto replaced = co_await call.core.ask_own(call.meta, ReplaceUser{to_string(user->id), user->name, "", user->enabled},
                                             text_at(wanted, "password"));
  if (!replaced && replaced.error().code == ErrorCode::kAlreadyExists) co_return name_is_taken(user->name, domain);
  if (!replaced) co_return std::unexpected(refusal_of(replaced.error()));
  // Whoever got a token with the password before is logged out, and so is one who may not log in any more.
  if (!text_at(wanted, "password").empty() || !user->enabled)
    if (auto revoked = co_await call.core.revoke_all_of(call.meta, user->id); !revoked)
      co_return std::unexpected(refusal_of(revoked.error()));
  take_extras(wanted, extras->body);
  Json shown = extras->body;
  if (auto put = co_await put_extras(call, ExtrasOf::kUser, std::move(*extras)); !put)
    co_return std::unexpected(std::move(put.error()));
  co_return Answer{200, {{"user", whole_user(call, *user, shown)}}};
}

// Without a token, as with Keystone: the old password is what says who asks.
Task<Answered> change_password(Call& call) {
  auto body = member_of_body(call, "user");
  if (!body) co_return std::unexpected(std::move(body.error()));
  const Json& wanted = **body;
  for (const auto& [key, value] : wanted.items())
    if (key != "password" && key != "original_password")
      co_return refused(400, fmt::format("Additional properties are not allowed ('{}' was unexpected)", key));
  for (std::string_view key : {"original_password", "password"}) {
    const Json* value = member(wanted, key);
    if (value == nullptr) co_return refused(400, fmt::format("'{}' is a required property", key));
    if (!value->is_string() || value->get_ref<const std::string&>().empty())
      co_return refused(400, fmt::format("Invalid input for field '{}': it must be a text", key));
  }
  std::optional<Uuid> id = parse_uuid(call.in_path("user"));
  if (!id) co_return refused(401, "The request you have made requires authentication.");
  LoginRequest request{to_string(*id), text_at(wanted, "original_password"), "", source_of(call.request),
                       call.request.client};
  Expected<Identified> known = co_await call.core.identify(call.meta, std::move(request));
  if (!known) co_return refused(401, "The request you have made requires authentication.");
  RequestMeta own = as_itself(call).meta;
  auto replaced = co_await call.core.ask_own(own, ReplaceUser{to_string(known->user.id), known->user.name, "", true},
                                             text_at(wanted, "password"));
  if (!replaced) co_return std::unexpected(refusal_of(replaced.error()));
  if (auto revoked = co_await call.core.revoke_all_of(std::move(own), known->user.id); !revoked)
    co_return std::unexpected(refusal_of(revoked.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> remove(Call& call) {
  std::string id = call.in_path("user");
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!uuid) co_return could_not_find("user", id);
  auto removed = co_await ask(call, DeleteUser{to_string(*uuid)});
  if (!removed && removed.error().status == 404) co_return could_not_find("user", id);
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  if (auto dropped = co_await drop_delegations_of(call, to_hex(*uuid)); !dropped)
    co_return std::unexpected(std::move(dropped.error()));
  if (auto dropped = co_await drop_extras(call, ExtrasOf::kUser, to_hex(*uuid)); !dropped)
    co_return std::unexpected(std::move(dropped.error()));
  if (auto dropped = co_await drop_grants_of(call, to_hex(*uuid)); !dropped)
    co_return std::unexpected(std::move(dropped.error()));
  co_return Answer{204, nullptr};
}

// Where a user has a role: its own affair, and an admin's.
Task<Answered> list_projects(Call& call) {
  std::string id = call.in_path("user");
  if (!call.is_admin() && parse_uuid(id) != call.caller.user_id) co_return not_authorized(call);
  Call own = as_itself(call);
  auto user = co_await find_user(own, id);
  if (!user) co_return std::unexpected(std::move(user.error()));
  auto views = co_await projects_held_by(own, to_hex(user->id));
  if (!views) co_return std::unexpected(std::move(views.error()));
  Json items = Json::array();
  for (Json& view : *views)
    if (passes_query(call, view, {"domain_id", "enabled", "name"})) items.push_back(std::move(view));
  co_return Answer{200, list_body(call, "projects", std::move(items))};
}

constexpr Route kRoutes[] = {
    {Service::kIdentity, "GET", "/v3/users", UserRole::kAdmin, "identity:list_users", &list},
    {Service::kIdentity, "POST", "/v3/users", UserRole::kAdmin, "identity:create_user", &create},
    any_token("GET", "/v3/users/{user}", "identity:get_user", &show),
    any_token("GET", "/v3/users/{user}/projects", "identity:list_user_projects", &list_projects),
    {Service::kIdentity, "PATCH", "/v3/users/{user}", UserRole::kAdmin, "identity:update_user", &update},
    {Service::kIdentity, "POST", "/v3/users/{user}/password", UserRole::kNone, "identity:change_password",
     &change_password},
    {Service::kIdentity, "DELETE", "/v3/users/{user}", UserRole::kAdmin, "identity:delete_user", &remove},
};

}  // namespace

std::span<const Route> user_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
