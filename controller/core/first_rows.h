// The first flow of every controller's life, before its core is made: what has to be stored before anybody is served.
// Daemon and simulation run the same one.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "controller/core/reset_rows.h"
#include "domain/default_password.h"
#include "ports/controller_store.h"
#include "ports/crypto.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::controller {

struct FirstPasswords {
  std::string admin{kDefaultPassword};
  std::string demo{kDefaultPassword};
};

// All of it outlives the flow.
struct FirstRowsPorts {
  Loop& loop;
  ControllerStore& store;
  Crypto& crypto;
  Random& random;
};

// `state`: what store.load() returned. On success it is given back with what was committed: an empty cloud got
// bootstrap.h's rows; in one that has rows already, admin and demo got the passwords that differ from the default where
// they still had that one. One transaction: a crash leaves all of it or nothing, and the next start does the rest.
// Errors: the store's; then nothing is stored.
Task<Expected<ControllerState>> commit_first_rows(FirstRowsPorts ports, ControllerState state,
                                                  FirstPasswords passwords);

// Of a controller that begins again because its cloud is reset: `state` is what store.load() returned. One transaction;
// on an error nothing is stored, and the cloud is what it was. `refuse_default`: also where the first passwords are
// the default ones (kPermissionDenied).
Task<Expected<ControllerState>> commit_reset(FirstRowsPorts ports, ControllerState state, CloudReset reset,
                                             bool refuse_default);

// kPermissionDenied when user admin or demo has the default password, saying how to set another. `crypto` outlives it.
Task<Expected<>> refuse_default_passwords(std::vector<User> users, Crypto* crypto);

}  // namespace kilonova::controller
