// Whether a user may have another key pair. The controller's word counts; the api-server asks before it makes a key.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"

namespace kilonova {

inline constexpr size_t kKeyPairsPerUser = 100;  // nova quota key_pairs

// `owned`: how many the user has. kAlreadyExists, kQuotaExceeded in Nova's words.
Expected<> check_new_key_pair(std::string_view name, bool is_taken, size_t owned);

}  // namespace kilonova
