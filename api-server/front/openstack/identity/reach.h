// Whom and what a grant reaches: users by way of groups, projects by way of what is above them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api-server/front/openstack/identity/grants.h"

namespace kilonova::api::openstack {

// Groups by user, domains and parents by project.
struct Reach {
  std::map<std::string, std::set<std::string>> groups_of;
  std::map<std::string, Json> extras_of;

  bool covers_actor(const Grant& grant, const std::string& user) const;
  // An inherited grant gives nothing on its target, only below it.
  bool covers_target(const Grant& grant, const std::string& project) const;
};

Task<std::expected<Reach, Refusal>> read_reach(Call& call);

// As records say them. `owner`: of this user or group alone.
Task<std::expected<std::vector<Grant>, Refusal>> stored_grants(Call& call, std::string owner = {});

}  // namespace kilonova::api::openstack
