// Where a store on PostgreSQL is, as a person may see it: without its password.
#pragma once

#include <string>

#include "base/error.h"

namespace kilonova {

// "postgresql://user@host:5432/database" of a URL that libpq takes. kInvalidArgument, which repeats no password, for
// what is no such URL, and for one that holds a password: command lines can be read by every user of the machine.
Expected<std::string> postgres_address(const std::string& url);

}  // namespace kilonova
