// Which parameters of a query Nova knows, from the microversions on in which it refuses others (2.75, of hypervisors 2.53):
// one table of nova/api/openstack/compute/schemas/*.py.
#pragma once

#include <optional>

#include "api-server/front/openstack/call.h"

namespace kilonova::api::openstack {

// 400 in jsonschema's words for a parameter that the route does not know. Routes that are not in the table take any.
std::optional<Refusal> check_known_query(const Call& call);

}  // namespace kilonova::api::openstack
