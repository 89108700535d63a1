// What a cloud has on its first start: projects and users admin and demo, flavors m1.tiny to m1.xlarge, image cirros.
#pragma once

#include <string>

#include "base/random.h"
#include "base/time.h"
#include "ports/controller_store.h"

namespace kilonova::controller {

struct BootstrapSecrets {
  std::string admin_password_hash;
  std::string demo_password_hash;
  std::string token_signing_key;  // 32 bytes
};

// The rows of an empty cloud; nothing when it has projects already.
Transaction bootstrap_rows(const ControllerState& state, const BootstrapSecrets& secrets, Random& random, WallTime now);

}  // namespace kilonova::controller
