// The keys that a cloud signs its clients' tokens with, in one setting: the one that signs, and behind it those before it.
// The controller stores them and tells them to the api-servers; whoever has one can make a token of any user, and an empty
// one everybody has.
#pragma once

#include <cstddef>
#include <string_view>

namespace kilonova {

inline constexpr std::string_view kTokenKeySetting = "token_signing_key";
inline constexpr size_t kTokenKeyBytes = 32;
// As Keystone's [fernet_tokens] max_active_keys: a key that was replaced so often proves nothing any more.
inline constexpr size_t kMostTokenKeys = 3;
// What the tickets for addresses are made with once the key was replaced that it came from at first.
inline constexpr std::string_view kTicketKeySetting = "address_ticket_key";

// Is this the value of such a setting?
constexpr bool are_token_keys(std::string_view bytes) {
  return !bytes.empty() && bytes.size() % kTokenKeyBytes == 0 && bytes.size() <= kMostTokenKeys * kTokenKeyBytes;
}

}  // namespace kilonova
