// A cloud's very first rows, written before the controller starts to work. Blocks; no loop of the daemon runs yet.
#pragma once

#include <string>

#include "base/error.h"
#include "base/random.h"
#include "store/sqlite_options.h"

namespace kilonova::controller {

struct FirstPasswords {
  std::string admin;
  std::string demo;
};

// On return an empty database has bootstrap.h's rows; one that has rows already got the passwords that differ from the
// default where it still had that one. The store's errors.
Expected<> write_first_rows(const std::string& database, const SqliteOptions& options, const FirstPasswords& passwords,
                            Random random);

// kPermissionDenied when user admin or demo has the default password, saying how to set another. The store's errors.
Expected<> refuse_default_passwords(const std::string& database, const SqliteOptions& options);

}  // namespace kilonova::controller
