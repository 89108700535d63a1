// Keystone's roles: the three that mean something to the rest of the cloud, and those that administrators add, which
// are granted and shown and give nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/identity/resource.h"

namespace kilonova::api::openstack {

extern const Resource kRoleResource;

// Which roles each role includes, by id: the three that follow from each other, and what was added.
using Inferences = std::map<std::string, std::vector<std::string>>;
Task<std::expected<Inferences, Refusal>> all_inferences(Call& call);

// 404 where there is none such.
Task<std::expected<StoredObject, Refusal>> find_role(Call& call, std::string id);
// {"id": ..., "name": ...}; of one that is gone the id alone.
Task<std::expected<Json, Refusal>> role_reference(Call& call, std::string id);

}  // namespace kilonova::api::openstack
