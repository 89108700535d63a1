// Trusts and application credentials: what a user gives another, or a program, of its own roles.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api-server/core/token.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/identity/held_roles.h"
#include "api-server/front/openstack/records.h"
#include "api-server/front/openstack/schema.h"
#include "base/time.h"

namespace kilonova::api::openstack {

inline constexpr std::string_view kTrusts = "trust";
inline constexpr std::string_view kApplicationCredentials = "application-credential";

// Its owner is who gives. Nothing where there is none, or it has expired.
Task<std::expected<std::optional<StoredObject>, Refusal>> find_delegation(Call& own, Delegation kind, Uuid id);

RoleIds given_roles(const StoredObject& delegation);
// When it ends; the zero time: never.
WallTime end_of(const StoredObject& delegation);

// 403 for a token of a trust, or of an application credential that may not do this: it is its user's own affair.
// `what`: "trusts", for the refusal.
Task<Checked> check_undelegated(Call& own, TokenClaims caller, std::string_view what);

// The form of expires_at: null, or a time that is still to come. 400 otherwise. The text, with microseconds and
// without a zone; "" for null.
std::expected<std::string, Refusal> read_expiry(const Call& call, const Json& body);

// [{"id": ...} or {"name": ...}], as both kinds are asked for.
Rule roles_form();

// All that a user gave or was given, or that was given of a project, which is gone.
Task<Checked> drop_delegations_of(Call& call, std::string id);

// With the tokens that were got with it.
Task<Checked> drop_delegation(Call& own, std::string_view kind, const StoredObject& delegation);

}  // namespace kilonova::api::openstack
