// Base64 with padding (RFC 4648 section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kilonova {

std::string to_base64(std::string_view bytes);
// Strict: nothing for other characters, wrong padding, or unused bits that are not zero.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace kilonova
