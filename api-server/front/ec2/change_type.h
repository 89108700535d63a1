// A type of its own for an instance that is stopped: Nova's resize, confirmed as soon as it has arrived.
#pragma once

#include <string>

#include "api-server/front/ec2/call.h"
#include "api-server/front/ec2/refusal.h"
#include "domain/instance.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// Waits for up to kChangeOfType. IncorrectInstanceState where it is not stopped; InvalidInstanceAttributeValue for a
// type that there is none of; InsufficientInstanceCapacity where no other host takes it: then it is as before. Where
// the time is over, or this process ends, the move goes on, and waits for its confirmation: asked for again, so does
// this.
Task<Result<void>> change_type(Ec2Call& call, Instance server, std::string type);

// Less than what clients wait for, and than the token of a request is good for.
inline constexpr Duration kChangeOfType = seconds(50);

}  // namespace kilonova::api::ec2
