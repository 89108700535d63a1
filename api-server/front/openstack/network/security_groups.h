// Neutron's security groups and their rules: records that are kept and shown. No packet flows here that they could
// stop. A project's default group is there from its beginning, and has a record from its first change on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {

// The kind of their records.
inline constexpr std::string_view kSecurityGroups = "security-group";
// Neutron's quotas of both.
inline constexpr size_t kMaxSecurityGroups = 10;
inline constexpr size_t kMaxSecurityGroupRules = 100;

// The caller's, the default one first; an administrator's are everybody's. `body`: name, description, stateful, tags
// and rules as Neutron shows them; `owner`: the project.
Task<std::expected<std::vector<StoredObject>, Refusal>> all_security_groups(Call& call);
// 404 for one that the caller does not see.
Task<std::expected<StoredObject, Refusal>> find_security_group(Call& call, std::string id);
// `owner`: the project that it is to be of.
Task<std::expected<StoredObject, Refusal>> make_security_group(Call& call, Uuid owner, std::string name,
                                                               std::string description);
Task<Checked> delete_security_group(Call& call, std::string id);

// What a rule is asked to be; the group's record gets it. 400 in Neutron's words; 409 for one that is there already.
Task<std::expected<Json, Refusal>> make_security_group_rule(Call& call, Json wanted);
Task<Checked> delete_security_group_rule(Call& call, std::string id);
// Of one group, whose id they need not say: all of them or none.
Task<std::expected<std::vector<Json>, Refusal>> make_security_group_rules(Call& call, std::string id,
                                                                          std::vector<Json> wanted);
Task<Checked> delete_security_group_rules(Call& call, std::string id, std::vector<std::string> rules);

std::unexpected<Refusal> no_such_security_group(std::string_view id);
std::unexpected<Refusal> no_such_security_group_rule(std::string_view id);

// The refusal of a rule's form, or its completed members: direction to description.
// The same for two rules that Neutron takes for one (neutron/db/securitygroups_db.py _rule_to_key).
std::string key_of_security_group_rule(const Json& rule);
std::expected<Json, Refusal> read_security_group_rule(const Json& wanted);

}  // namespace kilonova::api::openstack
