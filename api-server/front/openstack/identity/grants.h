// Who has which role where, as Keystone's assignments say it: users and groups, on projects, domains and the system,
// inherited or not. What they come to for a user in a project, of the three roles that mean something to the rest of
// the cloud, is that user's role there (domain/nouns/user.h): each change of a grant brings it up to date.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"

namespace kilonova::api::openstack {

struct Grant {
  std::string target;     // "project", "domain", "system"
  std::string target_id;  // "all" of the system
  std::string actor;      // "user", "group"
  std::string actor_id;
  std::string role;
  bool inherited = false;
  bool operator==(const Grant&) const = default;
};

// All of them; what a user got without Keystone, by the command for instance, included.
Task<std::expected<std::vector<Grant>, Refusal>> all_grants(Call& call);

// What they come to: groups' users in the place of groups, projects below in the place of what is inherited, and with
// each role those that it includes; roles of a domain are nobody's by then.
Task<std::expected<std::vector<Grant>, Refusal>> effective_grants(Call& call, std::vector<Grant> grants);

// Idempotent. 404 where the target, the actor or the role is not there.
Task<Checked> put_grant(Call& call, Grant grant);
// 404 where it is none.
Task<Checked> delete_grant(Call& call, Grant grant);
// Refuses like put_grant, and changes nothing.
Task<Checked> check_grant_ends(Call& call, Grant grant);

// Its memberships too. Before the group, domain or role of this id is gone; after the user or project is.
Task<Checked> drop_grants_of(Call& call, std::string id);

// A grant is a record of this kind, whose owner is the user or group.
inline constexpr std::string_view kGrants = "grant";
// Who is in which group is a record of this kind, whose owner is the user.
inline constexpr std::string_view kMemberships = "group-member";
std::string membership_id(std::string_view group, std::string_view user);

// Idempotent.
Task<Checked> join_group(Call& call, std::string group, std::string user);
// 404 where the user is not in the group.
Task<Checked> leave_group(Call& call, std::string group, std::string user);

}  // namespace kilonova::api::openstack
