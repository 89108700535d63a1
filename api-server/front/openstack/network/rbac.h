// Neutron: RBAC policies, which say with what projects networks, subnet pools and address scopes are shared. What
// counts is what the object itself says, `shared_with` in its body or details; a policy's record gives it id and owner.
#pragma once

#include <string>
#include <string_view>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "runtime/task.h"

namespace kilonova::api::openstack {

// Everybody may use the object of this body (of a network: these details), or the caller's project may.
bool is_shared_with_caller(const Call& call, const Json& body);

// The object is gone: so are its policies.
Task<Checked> forget_rbac_policies(Call& call, std::string object_id);

}  // namespace kilonova::api::openstack
