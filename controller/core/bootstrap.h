// What a cloud has on its first start: projects and users admin, demo and alt_demo (whose password is demo's), flavors
// m1.tiny to m1.xlarge, m1.nano, m1.micro and cirros256, image cirros under two names.
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

// The key that tokens are signed with. kDataLoss where the rows have none, or none of kTokenKeyBytes: no controller may
// start on them, as anybody could make tokens that such a key signs.
Expected<std::string> token_signing_key(const ControllerState& state);

}  // namespace kilonova::controller
