// An instance, with all that is shown of it.
#pragma once

#include <string>
#include <vector>

#include "api-server/front/ec2/interface.h"
#include "domain/instance.h"
#include "domain/server_properties.h"

namespace kilonova::api::ec2 {

// A server with what was said of it, and what its networks are.
struct ShownInstance {
  Instance server;
  ServerProperties properties;
  std::vector<ShownInterface> interfaces = {};  // in the order of its nics
  std::string asked_subnet = {};                // of its launch, which shows them before the instance has an address
  std::string asked_address = {};               // likewise
  std::vector<GroupOfInterface> groups = {};    // of all interfaces; until there are some, those that it was asked with
};

}  // namespace kilonova::api::ec2
