// Address scopes: records; pools that are in one have no prefix in common.
#pragma once

#include <map>
#include <string>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {

// Whether this pool may be in the scope that its body names; in none it always may, and nothing is asked. Neutron's
// refusals: 404, 400 for another's scope or IP version, 409 for a prefix that another pool of the scope has.
Task<Checked> check_pools_scope(Call& call, const StoredObject& pool);

// The scope of each pool that is in one, by id.
std::map<std::string, std::string> scopes_of(const std::vector<StoredObject>& pools);

}  // namespace kilonova::api::openstack
