// The roles that a user holds now, and those that a token comes to.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/core/token.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "domain/user_role.h"

namespace kilonova::api::openstack {

// Ids of roles, each once, with those that they include and without those of domains.
using RoleIds = std::vector<std::string>;

// By place: what a user got itself, by its groups, or from above.
struct HeldRoles {
  std::map<std::string, RoleIds> projects;  // by id; none of them empty
  std::map<std::string, RoleIds> domains;
  RoleIds system;
};

// `own`: a call in the api-server's own name (as_itself).
Task<std::expected<HeldRoles, Refusal>> roles_held_by(Call& own, std::string user);

// With those that these include.
Task<std::expected<RoleIds, Refusal>> with_included(Call& own, RoleIds roles);

// Those of `asked` that are in `held` too.
RoleIds common_roles(const RoleIds& asked, const RoleIds& held);
bool has_role(const RoleIds& roles, std::string_view id);

// What a token's user has where it is for, by now: of a trust's or an application credential's, no more than that
// gives. Empty where nothing is left of it.
Task<std::expected<RoleIds, Refusal>> roles_of_token(Call& own, TokenClaims claims);

// The highest of the three that mean something outside of Keystone.
UserRole highest_role(const RoleIds& roles);
// [{"id": ..., "name": ...}]
Task<std::expected<Json, Refusal>> role_references(Call& own, RoleIds roles);
// Ids of [{"id": ...} or {"name": ...}]; 404 where there is none such. Its form was checked.
Task<std::expected<RoleIds, Refusal>> roles_of_body(Call& own, Json roles);

}  // namespace kilonova::api::openstack
