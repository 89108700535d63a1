// Passwords at rest: scrypt (RFC 7914) as "scrypt$N$r$p$salt$hash", salt and hash in base64. Pure, slow (tens of
// milliseconds, 16 MiB), any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kilonova {

struct ScryptCost {
  uint64_t n = 1 << 14;
  uint64_t r = 8;
  uint64_t p = 1;
};

// Raw scrypt; "" when the parameters are beyond what we are willing to spend (128 MiB) or wrong.
std::string scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost, size_t length);

std::string make_password_hash(std::string_view password, std::string_view salt, const ScryptCost& cost = {});
// False too for a text that is no such hash.
bool matches_password_hash(std::string_view password, std::string_view hash);

}  // namespace kilonova
