// Flavors as Nova shows them, by themselves and in servers.
#pragma once

#include <optional>
#include <string>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "domain/resources.h"

namespace kilonova::api::openstack {

// By its id alone, though the operation would take a name too. Nothing where there is none.
Task<std::expected<std::optional<Flavor>, Refusal>> flavor_with_id(Call& call, std::string id);
// The one that a path names.
Task<std::expected<Flavor, Refusal>> find_flavor(Call& call);
std::unexpected<Refusal> no_flavor(std::string_view id);

// In a server: a reference until 2.46, its values from 2.47 on.
Json flavor_reference(const Flavor& flavor, const Call& call);
Json flavor_values(const Flavor& flavor);

}  // namespace kilonova::api::openstack
