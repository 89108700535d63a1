// Security groups in nova-network's form, as Nova's proxies show them.
#pragma once

#include <vector>

#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {

// With its ingress rules; `all`: the groups that these may name.
Json security_group_view(const StoredObject& group, const std::vector<StoredObject>& all);

}  // namespace kilonova::api::openstack
