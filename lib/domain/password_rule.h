// The form of a password. Pure.
#pragma once

#include <string_view>

#include "base/error.h"

namespace kilonova {

// 1 to 1024 bytes, or kInvalidArgument; the message never holds the password.
Expected<> check_password(std::string_view password);

}  // namespace kilonova
