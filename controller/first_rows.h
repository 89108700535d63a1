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

// Nothing when the database has projects already; otherwise bootstrap.h's rows are in it on return. The store's errors.
Expected<> write_first_rows(const std::string& database, const SqliteOptions& options, const FirstPasswords& passwords,
                            Random random);

}  // namespace kilonova::controller
