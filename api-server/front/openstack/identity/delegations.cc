#include "api-server/front/openstack/identity/delegations.h"

#include <fmt/format.h>

#include <utility>

#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/times.h"
#include "base/ids.h"

namespace kilonova::api::openstack {

Task<std::expected<std::optional<StoredObject>, Refusal>> find_delegation(Call& own, Delegation kind, Uuid id) {
  auto found = co_await find_object(own, kind == Delegation::kTrust ? kTrusts : kApplicationCredentials, to_hex(id));
  if (!found || !*found) co_return found;
  WallTime end = end_of(**found);
  if (end != WallTime{} && end <= own.loop.wall_now()) co_return std::nullopt;
  co_return found;
}

RoleIds given_roles(const StoredObject& delegation) {
  RoleIds roles;
  const Json* ids = member(delegation.body, "roles");
  if (ids == nullptr || !ids->is_array()) return roles;
  for (const Json& id : *ids)
    if (id.is_string()) roles.push_back(id.get<std::string>());
  return roles;
}

WallTime end_of(const StoredObject& delegation) {
  return parse_time(text_at(delegation.body, "expires_at")).value_or(WallTime{});
}

Task<Checked> check_undelegated(Call& own, TokenClaims caller, std::string_view what) {
  if (caller.delegation == Delegation::kNone) co_return Checked();
  if (caller.delegation == Delegation::kApplicationCredential) {
    auto credential = co_await find_delegation(own, caller.delegation, caller.delegation_id);
    if (!credential) co_return std::unexpected(std::move(credential.error()));
    if (*credential && boolean_at((*credential)->body, "unrestricted", false)) co_return Checked();
  }
  co_return refused(403,
                    fmt::format("You are not authorized to perform the requested action: Using method '{}' is not "
                                "allowed for managing {}.",
                                caller.delegation == Delegation::kTrust ? "trust" : "application_credential", what));
}

std::expected<std::string, Refusal> read_expiry(const Call& call, const Json& body) {
  const Json* value = member(body, "expires_at");
  if (value == nullptr || value->is_null()) return std::string();
  std::optional<WallTime> time = value->is_string() ? parse_time(value->get_ref<const std::string&>()) : std::nullopt;
  if (!time)
    return refused(
        400, fmt::format("Invalid input for field 'expires_at': {} is not an ISO 8601 time", python_repr(*value)));
  if (*time <= call.loop.wall_now())
    return refused(400,
                   "The 'expires_at' must not be before now. The server could not comply with the request since it "
                   "is either malformed or otherwise incorrect. The client is assumed to be in error.");
  const std::string& given = value->get_ref<const std::string&>();
  size_t dot = given.find('.');
  std::string digits = dot == std::string::npos ? "" : given.substr(dot + 1, 6);
  digits = digits.substr(0, digits.find_first_not_of("0123456789"));
  digits.resize(6, '0');
  return to_iso8601(*time).substr(0, 19) + "." + digits;
}

Rule roles_form() {
  return list_of([form = object({{"id", text(1, 64)}, {"name", text(1, 255)}})](
                     const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    if (value.size() == 1) return std::nullopt;
    return Failure{field, python_repr(value), fmt::format("{} is not one of id and name", python_repr(value))};
  });
}

Task<Checked> drop_delegation(Call& own, std::string_view kind, const StoredObject& delegation) {
  std::optional<Uuid> id = parse_uuid(delegation.id), owner = parse_uuid(delegation.owner);
  if (id && owner) {
    auto revoked = co_await own.core.revoke_delegation(own.meta, *id, *owner);
    if (!revoked) co_return std::unexpected(refusal_of(revoked.error()));
  }
  auto gone = co_await delete_object(own, kind, delegation.id);
  if (!gone && gone.error().status != 404) co_return gone;
  co_return Checked();
}

Task<Checked> drop_delegations_of(Call& call, std::string id) {
  Call own = as_itself(call);
  for (std::string_view kind : {kTrusts, kApplicationCredentials}) {
    auto all = co_await all_objects(own, kind);
    if (!all) co_return std::unexpected(std::move(all.error()));
    for (const StoredObject& one : *all) {
      bool is_of =
          one.owner == id || text_at(one.body, "trustee_user_id") == id || text_at(one.body, "project_id") == id;
      if (!is_of) continue;
      if (auto dropped = co_await drop_delegation(own, kind, one); !dropped) co_return dropped;
    }
  }
  auto rules = co_await all_objects(own, "access-rule", id);
  if (!rules) co_return std::unexpected(std::move(rules.error()));
  for (const StoredObject& rule : *rules)
    if (auto gone = co_await delete_object(own, "access-rule", rule.id); !gone && gone.error().status != 404)
      co_return gone;
  co_return Checked();
}

}  // namespace kilonova::api::openstack
