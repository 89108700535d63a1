// Keystone: trusts: a user (the trustor) gives another (the trustee) some of its roles in one project.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/held_roles.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/roles.h"
#include "api-server/front/openstack/identity/routes.h"
#include "api-server/front/openstack/times.h"
#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

constexpr int64_t kMaxRedelegations = 3;  // Keystone's max_redelegation_count

// Only digits: Keystone takes no text for a number here.
Rule count(int64_t least) {
  return [least](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
    bool is_whole = value.is_number_unsigned() || value.is_number_integer();
    if (is_whole && value.get<int64_t>() >= least && value.get<int64_t>() <= INT32_MAX) return std::nullopt;
    return Failure{field, python_repr(value),
                   fmt::format("{} is not an integer of at least {}", python_repr(value), least)};
  };
}

std::vector<Property> properties() {
  return {{"trustor_user_id", text(1, 64), true},
          {"trustee_user_id", text(1, 64), true},
          {"impersonation", plain_boolean(), true},
          {"project_id", null_or(text(1, 64))},
          {"roles", roles_form()},
          {"expires_at", null_or(text())},
          {"remaining_uses", null_or(count(1))},
          {"allow_redelegation", plain_boolean()},
          {"redelegation_count", null_or(count(0))}};
}

std::unexpected<Refusal> forbidden(std::string_view why) {
  return refused(403, fmt::format("You are not authorized to perform the requested action: {}.", why));
}

Json short_view(const Call& call, const StoredObject& trust) {
  Json view{{"id", trust.id}};
  for (const auto& [key, value] : trust.body.items())
    if (key != "roles") view[key] = value;
  std::string expires_at = text_at(trust.body, "expires_at");
  view["expires_at"] = expires_at.empty() ? Json() : Json(expires_at + "Z");
  view["links"] = self_link(call, "OS-TRUST/trusts", trust.id);
  return view;
}

Task<std::expected<Json, Refusal>> role_views(Call& own, RoleIds ids) {
  Json roles = Json::array();
  for (const std::string& id : ids) {
    auto role = co_await find_role(own, id);
    if (!role && role.error().status == 404) continue;
    if (!role) co_return std::unexpected(std::move(role.error()));
    roles.push_back(resource_view(own, kRoleResource, *role));
  }
  co_return roles;
}

Task<std::expected<Json, Refusal>> full_view(Call& own, StoredObject trust) {
  auto roles = co_await role_views(own, given_roles(trust));
  if (!roles) co_return roles;
  Json view = short_view(own, trust);
  view["roles"] = std::move(*roles);
  view["roles_links"] = {{"self", fmt::format("{}/identity/v3/OS-TRUST/trusts/{}/roles", own.base, trust.id)},
                         {"next", nullptr},
                         {"previous", nullptr}};
  co_return view;
}

// 404 too for one that was used as often as it may be.
Task<std::expected<StoredObject, Refusal>> find_trust(Call& own, std::string id) {
  std::optional<Uuid> uuid = parse_uuid(id);
  std::optional<StoredObject> trust;
  if (uuid) {
    auto found = co_await find_delegation(own, Delegation::kTrust, *uuid);
    if (!found) co_return std::unexpected(std::move(found.error()));
    trust = std::move(*found);
  }
  const Json* left = trust ? member(trust->body, "remaining_uses") : nullptr;
  if (!trust || (left != nullptr && *left == 0)) co_return could_not_find("trust", id);
  co_return std::move(*trust);
}

// The path's trust, for those that it is of and administrators.
Task<std::expected<StoredObject, Refusal>> find_visible(Call& own) {
  auto trust = co_await find_trust(own, own.in_path("trust"));
  if (!trust) co_return trust;
  std::string me = to_hex(own.caller.user_id);
  bool is_mine = text_at(trust->body, "trustor_user_id") == me || text_at(trust->body, "trustee_user_id") == me;
  if (!own.is_admin() && !is_mine) co_return not_authorized(own);
  co_return trust;
}

// ---- making one

// What Keystone asks of a trust that is given on: no more than the one before it gives. `trust`: what is to be.
Checked check_chain(const StoredObject& before, Json& trust) {
  int64_t depth = integer_at(before.body, "redelegation_count", 0);
  if (depth <= 0 || depth > kMaxRedelegations)
    return forbidden(
        fmt::format("Remaining redelegation depth of {} out of allowed range of [0..{}]", depth, kMaxRedelegations));
  if (!trust["remaining_uses"].is_null())
    return forbidden("Field \"remaining_uses\" is set while it must not be set in order to redelegate a trust");
  std::string end = text_at(trust, "expires_at"), end_before = text_at(before.body, "expires_at");
  if (end.empty()) trust["expires_at"] = or_null(end_before);
  if (!end.empty() && !end_before.empty() && end > end_before)
    return forbidden("Requested expiration time is more than redelegated trust can provide");
  for (const Json& role : trust["roles"])
    if (!has_role(given_roles(before), role.get<std::string>()))
      return forbidden("Some of requested roles are not in redelegated trust");
  if (boolean_at(trust, "impersonation", false) && !boolean_at(before.body, "impersonation", false))
    return forbidden("Impersonation is not allowed because redelegated trust does not specify impersonation");
  trust["redelegated_trust_id"] = before.id;
  if (trust["redelegation_count"].is_null()) trust["redelegation_count"] = depth - 1;
  if (trust["redelegation_count"] != 0 && trust["redelegation_count"] != depth - 1)
    return forbidden(
        "Modifying \"redelegation_count\" upon redelegation is forbidden. Omitting this parameter is advised");
  return {};
}

// How often it may be given on, and used.
Checked settle_counts(const Json& wanted, Json& trust) {
  int64_t asked = integer_at(wanted, "redelegation_count", -1);
  bool may_go_on = boolean_at(wanted, "allow_redelegation", false) && asked != 0;
  if (!may_go_on) {
    trust["redelegation_count"] = 0;
    return {};
  }
  if (asked > kMaxRedelegations)
    return forbidden(
        fmt::format("Requested redelegation depth of {} is greater than allowed {}", asked, kMaxRedelegations));
  if (!trust["remaining_uses"].is_null())
    return refused(400, "remaining_uses must not be set if redelegation is allowed");
  if (asked > 0) trust["redelegation_count"] = asked;
  return {};
}

// The trust that the caller's token was got with; nothing where it was got without one.
Task<std::expected<std::optional<StoredObject>, Refusal>> trust_of_caller(Call& own) {
  if (own.caller.delegation != Delegation::kTrust) co_return std::nullopt;
  auto found = co_await find_delegation(own, Delegation::kTrust, own.caller.delegation_id);
  if (found && !*found) co_return could_not_find("trust", to_hex(own.caller.delegation_id));
  co_return found;
}

// The trustor's roles there; all that it asks to give have to be among them.
Task<Checked> check_roles(Call& own, const RoleIds& asked, std::string project) {
  if (project.empty()) co_return Checked();
  if (auto found = co_await find_project(own, project); !found) co_return std::unexpected(std::move(found.error()));
  auto held = co_await roles_held_by(own, to_hex(own.caller.user_id));
  if (!held) co_return std::unexpected(std::move(held.error()));
  for (const std::string& id : asked)
    if (!has_role(held->projects[project], id)) co_return could_not_find("role", id);
  co_return Checked();
}

Json begun(const Json& wanted, const std::string& expires_at, const RoleIds& roles) {
  const Json* uses = member(wanted, "remaining_uses");
  return {{"trustor_user_id", text_at(wanted, "trustor_user_id")},
          {"trustee_user_id", text_at(wanted, "trustee_user_id")},
          {"impersonation", boolean_at(wanted, "impersonation", false)},
          {"project_id", or_null(text_at(wanted, "project_id"))},
          {"expires_at", or_null(expires_at)},
          {"remaining_uses", uses == nullptr ? Json() : *uses},
          {"redelegated_trust_id", nullptr},
          {"redelegation_count", nullptr},
          {"deleted_at", nullptr},
          {"roles", roles}};
}

Task<std::expected<Json, Refusal>> trust_of_body(Call& own, const Json& wanted) {
  const Json* asked = member(wanted, "roles");
  if (!text_at(wanted, "project_id").empty() && (asked == nullptr || asked->empty()))
    co_return forbidden("At least one role should be specified");
  if (text_at(wanted, "trustor_user_id") != to_hex(own.caller.user_id))
    co_return forbidden("The authenticated user should match the trustor");
  if (auto trustee = co_await find_user(own, text_at(wanted, "trustee_user_id")); !trustee)
    co_return std::unexpected(std::move(trustee.error()));
  auto roles = co_await roles_of_body(own, asked == nullptr ? Json::array() : *asked);
  if (!roles) co_return std::unexpected(std::move(roles.error()));
  if (auto held = co_await check_roles(own, *roles, text_at(wanted, "project_id")); !held)
    co_return std::unexpected(std::move(held.error()));
  auto expires_at = read_expiry(own, wanted);
  if (!expires_at) co_return std::unexpected(std::move(expires_at.error()));
  Json trust = begun(wanted, *expires_at, *roles);
  if (auto settled = settle_counts(wanted, trust); !settled) co_return std::unexpected(std::move(settled.error()));
  auto before = co_await trust_of_caller(own);
  if (!before) co_return std::unexpected(std::move(before.error()));
  if (*before)
    if (auto fits = check_chain(**before, trust); !fits) co_return std::unexpected(std::move(fits.error()));
  if (trust["redelegation_count"].is_null()) trust["redelegation_count"] = kMaxRedelegations;
  co_return trust;
}

Task<Answered> create(Call& call) {
  auto body = member_of_body(call, "trust");
  if (!body) co_return std::unexpected(std::move(body.error()));
  if (auto wrong = check_form(properties(), **body, true)) co_return std::unexpected(std::move(*wrong));
  Call own = as_itself(call);
  // A trust may be given on; an application credential of its user's only where it is unrestricted.
  if (call.caller.delegation == Delegation::kApplicationCredential)
    if (auto free = co_await check_undelegated(own, call.caller, "trusts"); !free)
      co_return std::unexpected(std::move(free.error()));
  auto trust = co_await trust_of_body(own, **body);
  if (!trust) co_return std::unexpected(std::move(trust.error()));
  auto stored = co_await put_object(
      own, kTrusts, {.id = new_id(own), .owner = to_hex(call.caller.user_id), .body = std::move(*trust)});
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  auto view = co_await full_view(own, std::move(*stored));
  if (!view) co_return std::unexpected(std::move(view.error()));
  co_return Answer{201, {{"trust", std::move(*view)}}};
}

// ---- the others

Task<Answered> list(Call& call) {
  const std::string* trustor = call.in_query("trustor_user_id");
  const std::string* trustee = call.in_query("trustee_user_id");
  const std::string* whose = trustor != nullptr ? trustor : trustee;
  bool is_own = whose != nullptr && *whose == to_hex(call.caller.user_id);
  if (!call.is_admin() && !is_own) co_return not_authorized(call);
  Call own = as_itself(call);
  auto all = co_await all_objects(own, kTrusts);
  if (!all) co_return std::unexpected(std::move(all.error()));
  Json items = Json::array();
  for (const StoredObject& one : *all) {
    WallTime end = end_of(one);
    bool is_over = end != WallTime{} && end <= call.loop.wall_now();
    if (is_over || integer_at(one.body, "remaining_uses", 1) == 0) continue;
    if (trustor != nullptr && text_at(one.body, "trustor_user_id") != *trustor) continue;
    if (trustee != nullptr && text_at(one.body, "trustee_user_id") != *trustee) continue;
    items.push_back(short_view(call, one));
  }
  co_return Answer{200, list_body(call, "trusts", std::move(items))};
}

Task<Answered> show(Call& call) {
  Call own = as_itself(call);
  auto trust = co_await find_visible(own);
  if (!trust) co_return std::unexpected(std::move(trust.error()));
  auto view = co_await full_view(own, std::move(*trust));
  if (!view) co_return std::unexpected(std::move(view.error()));
  co_return Answer{200, {{"trust", std::move(*view)}}};
}

// With all that was given on of it.
Task<Answered> remove(Call& call) {
  Call own = as_itself(call);
  auto trust = co_await find_trust(own, call.in_path("trust"));
  if (!trust) co_return std::unexpected(std::move(trust.error()));
  if (!call.is_admin() && trust->owner != to_hex(call.caller.user_id)) co_return not_authorized(call);
  if (auto free = co_await check_undelegated(own, call.caller, "trusts"); !free)
    co_return std::unexpected(std::move(free.error()));
  auto all = co_await all_objects(own, kTrusts);
  if (!all) co_return std::unexpected(std::move(all.error()));
  std::vector<StoredObject> going{std::move(*trust)};
  for (size_t i = 0; i < going.size(); ++i)
    for (const StoredObject& one : *all)
      if (std::string before = text_at(one.body, "redelegated_trust_id"); !before.empty() && before == going[i].id)
        going.push_back(one);
  for (size_t i = going.size(); i > 0; --i)
    if (auto dropped = co_await drop_delegation(own, kTrusts, going[i - 1]); !dropped)
      co_return std::unexpected(std::move(dropped.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> list_roles(Call& call) {
  Call own = as_itself(call);
  auto trust = co_await find_visible(own);
  if (!trust) co_return std::unexpected(std::move(trust.error()));
  auto roles = co_await role_views(own, given_roles(*trust));
  if (!roles) co_return std::unexpected(std::move(roles.error()));
  co_return Answer{200, list_body(call, "roles", std::move(*roles))};
}

Task<Answered> show_role(Call& call) {
  Call own = as_itself(call);
  auto trust = co_await find_visible(own);
  if (!trust) co_return std::unexpected(std::move(trust.error()));
  std::string id = call.in_path("role");
  if (!has_role(given_roles(*trust), id)) co_return could_not_find("role", id);
  auto role = co_await find_role(own, id);
  if (!role) co_return std::unexpected(std::move(role.error()));
  co_return Answer{200, {{"role", resource_view(call, kRoleResource, *role)}}};
}

constexpr Route kRoutes[] = {
    any_token("GET", "/v3/OS-TRUST/trusts", "identity:list_trusts", &list),
    any_token("POST", "/v3/OS-TRUST/trusts", "identity:create_trust", &create),
    any_token("GET", "/v3/OS-TRUST/trusts/{trust}", "identity:get_trust", &show),
    any_token("DELETE", "/v3/OS-TRUST/trusts/{trust}", "identity:delete_trust", &remove),
    any_token("GET", "/v3/OS-TRUST/trusts/{trust}/roles", "identity:list_roles_for_trust", &list_roles),
    any_token("GET", "/v3/OS-TRUST/trusts/{trust}/roles/{role}", "identity:get_role_for_trust", &show_role),
};

}  // namespace

std::span<const Route> trust_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
