// The server that a path names.
#pragma once

#include <string_view>

#include "api-server/front/openstack/call.h"
#include "domain/instance.h"

namespace kilonova::api::openstack {

// By its id alone: the operation would take a name too. An admin sees every project's; another project's is 404 to
// others.
Task<std::expected<Instance, Refusal>> find_server(Call& call);

std::unexpected<Refusal> no_server(std::string_view id);

}  // namespace kilonova::api::openstack
