// Whether a user may have another key pair. The controller's word counts; the api-server asks before it makes a key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace kilonova {

// `owned`: how many the user has; `limit`: may have, -1 = any number (Nova's quota key_pairs). kAlreadyExists,
// kQuotaExceeded in Nova's words.
Expected<> check_new_key_pair(std::string_view name, bool is_taken, size_t owned, int64_t limit);

}  // namespace kilonova
