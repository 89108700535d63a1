// What Keystone has and this cloud has no records of: its one domain, its three roles, the catalog.
#pragma once

#include <string>
#include <string_view>

#include "api-server/front/openstack/json.h"
#include "domain/user_role.h"

namespace kilonova::api::openstack {

inline constexpr std::string_view kDomainId = "default";
inline constexpr std::string_view kDomainName = "Default";

// Whether a request's {"id": ...} or {"name": ...} is the domain's.
bool is_default_domain(const Json& domain);
// {"id": "default", "name": "Default"}
Json domain_reference();

// From the least to the highest.
inline constexpr UserRole kRoles[] = {UserRole::kReader, UserRole::kMember, UserRole::kAdmin};
std::string role_id(UserRole role);
// kNone for an id that is none of the three.
UserRole role_of_id(std::string_view id);
// Those that a user with this one has: each includes the ones below it, as Keystone's implied roles do.
Json roles_with_implied(UserRole role);

// The services as every token's catalog lists them, at `base`.
Json catalog_of(const std::string& base);

}  // namespace kilonova::api::openstack
