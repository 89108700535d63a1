// The key that a cloud signs its clients' tokens with. The controller stores it and tells it to the api-servers;
// whoever has it can make a token of any user, and an empty one everybody has.
#pragma once

#include <cstddef>
#include <string_view>

namespace kilonova {

inline constexpr std::string_view kTokenKeySetting = "token_signing_key";
inline constexpr size_t kTokenKeyBytes = 32;

}  // namespace kilonova
