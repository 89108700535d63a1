// Keystone's domains, for what is in them.
#pragma once

#include <string>

#include "api-server/front/openstack/call.h"

namespace kilonova::api::openstack {

Task<std::expected<bool, Refusal>> is_domain(Call& call, std::string id);

}  // namespace kilonova::api::openstack
