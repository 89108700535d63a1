// What a new network must be: pure validation.
#pragma once

#include <string>

#include "base/error.h"
#include "domain/api.h"
#include "domain/net.h"
#include "domain/nouns/network.h"
#include "domain/operation.h"

namespace kilonova::network {

struct NetworkShape {
  Cidr cidr;
  Ipv4 gateway;
};

// kInvalidArgument naming the value and what would be right:
//   name     1 to 255 bytes, no control characters
//   cidr     a.b.c.d/8 to /30 with no host bits set
//   gateway  a host address of the cidr; "" = the first
// kPermissionDenied when someone other than an admin asks for a shared or external network.
Expected<NetworkShape> validate(const RequestContext& context, const CreateNetwork& request);

}  // namespace kilonova::network
