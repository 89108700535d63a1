// Neutron: RBAC policies, which say with what projects networks, subnet pools and address scopes are shared. What
// counts is what the object itself says, `shared_with` in its body or details; a policy's record gives it id and owner.
// A network is external to everybody by its row, to single projects by `external_to` in its details.
#pragma once

#include <string>
#include <string_view>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/network/parts.h"
#include "runtime/task.h"

namespace kilonova::api::openstack {

// Everybody may use the object of this body (of a network: these details), or the caller's project may.
bool is_shared_with_caller(const Call& call, const Json& body);

// Whether the network is one to the outside, for any project; for the caller's, as its owner and administrators see it,
// too.
bool is_external(const StoredNetwork& network);
bool is_external_to_caller(const Call& call, const StoredNetwork& network);
// It is so to no project any more; once that is stored, the policies that said so are to be forgotten.
void set_internal(StoredNetwork& network);
Task<Checked> forget_external_policies(Call& call, std::string network_id);

// The object is gone: so are its policies.
Task<Checked> forget_rbac_policies(Call& call, std::string object_id);

}  // namespace kilonova::api::openstack
