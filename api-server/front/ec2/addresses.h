// Public addresses as launches need them.
#pragma once

#include <string>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/refusal.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// The external network of this name, by its id; without one "public", as Nova's pool is called, or the only one.
// InvalidPublicIpv4PoolID.NotFound, InsufficientAddressCapacity.
Task<Result<std::string>> pool_of(Ec2Call& call, std::string name);

}  // namespace kilonova::api::ec2
