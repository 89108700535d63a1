// Base64 with the URL alphabet and without padding (RFC 4648 section 5), as tokens use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kilonova::api {

std::string to_base64url(std::string_view bytes);
// Exactly what to_base64url writes: nothing for other characters, padding, or unused bits that are not zero, so that a
// byte string has one spelling only.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace kilonova::api
