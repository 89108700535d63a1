// Access addresses and disk configuration, which a create, a change and a rebuild of a server may say alike.
#pragma once

#include <expected>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/json.h"
#include "domain/server_properties.h"

namespace kilonova::api::openstack {

// Of a body that passed its form. 400, in Nova's words, for what is no address.
std::expected<ServerAccess, Refusal> read_access(const Json& wanted);

}  // namespace kilonova::api::openstack
