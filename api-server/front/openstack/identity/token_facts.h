// What a token says, in Keystone's words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api-server/core/token.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/identity/held_roles.h"
#include "api-server/front/openstack/json.h"

namespace kilonova::api::openstack {

// `own` everywhere: a call in the api-server's own name (as_itself).

// {"token": ...}. Nothing where the token is good for nothing by now: its user, project, domain or delegation is gone
// or disabled, or no role is left.
Task<std::expected<std::optional<Json>, Refusal>> token_body(Call& own, TokenClaims claims);

// The token's body and its header X-Subject-Token. Of one that is good for nothing 401 where it is new, else 404.
Task<Answered> token_answer(Call& own, unsigned status, TokenClaims claims, std::string token, bool is_new);

// Where this user has a role, as Keystone shows projects.
Task<std::expected<std::vector<Json>, Refusal>> projects_held_by(Call& own, std::string user);

// A project that a token may be for: it and its domain are there and enabled. {"id", "name", "domain": {...}}
Task<std::expected<std::optional<Json>, Refusal>> usable_project(Call& own, Uuid id);
// A user likewise: {"domain": {...}, "id", "name", "password_expires_at"}
Task<std::expected<std::optional<Json>, Refusal>> usable_user(Call& own, Uuid id);

}  // namespace kilonova::api::openstack
