// Neutron's quotas: limits of a project, by resource. A project without a record has the defaults.
#pragma once

#include <cstdint>
#include <string_view>

#include "api-server/front/openstack/call.h"

namespace kilonova::api::openstack {

// 409 where the project has `used` of the resource already and may have no more.
Task<Checked> check_quota(Call& call, Uuid project, std::string_view resource, int64_t used);

}  // namespace kilonova::api::openstack
