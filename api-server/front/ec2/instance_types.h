// Instance types, which are flavors by their names.
#pragma once

#include <string>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/refusal.h"
#include "domain/resources.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// By its name alone: the operation would take an id too, and has words of its own for what is missing. `invalid`: the
// code where there is none.
Task<Result<Flavor>> find_type(Ec2Call& call, std::string name, std::string invalid);

}  // namespace kilonova::api::ec2
