// How providers are shown, found by a request's path, and refused.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/placement/ledger.h"

namespace kilonova::api::openstack {

// "/placement/resource_providers/U": what links say. Location headers have `call.base` before it.
std::string provider_path(const Provider& provider);
Json provider_view(const Call& call, const Ledger& ledger, const Provider& provider);

// The one of the path's {uuid}; 404.
std::expected<Provider*, Refusal> provider_in_path(const Call& call, Ledger& ledger);

// 409: it would contradict what the cloud is. `why`: "its inventory of VCPU is the host's own".
std::unexpected<Refusal> refused_of_host(const Provider& provider, std::string_view why);
// 409: what was read is no longer so.
std::unexpected<Refusal> old_generation(std::string message);

}  // namespace kilonova::api::openstack
