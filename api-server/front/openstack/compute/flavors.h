// Flavors as Nova shows them, by themselves and in servers.
#pragma once

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "domain/resources.h"

namespace kilonova::api::openstack {

// The flavor that a path names: by its id alone, though the operation would take a name too.
Task<std::expected<Flavor, Refusal>> find_flavor(Call& call);
std::unexpected<Refusal> no_flavor(std::string_view id);
Json extra_specs_of(const Flavor& flavor);

// In a server: a reference until 2.46, its values from 2.47 on.
Json flavor_reference(const Flavor& flavor, const Call& call);
Json flavor_values(const Flavor& flavor);

}  // namespace kilonova::api::openstack
