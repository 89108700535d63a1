// Client tokens: what a log-in returns and every other call carries. Stateless: whoever has the cloud's signing key can
// check one. Text: "kn1." payload "." signature, both in base64url; the payload is fixed binary, the signature the
// HMAC-SHA256 of all before it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/hash_map.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/user_role.h"
#include "ports/crypto.h"

namespace kilonova::api {

struct TokenClaims {
  Uuid user_id;
  Uuid project_id;
  UserRole role = UserRole::kNone;
  WallTime issued_at;
  WallTime expires_at;  // not valid from this instant on
  Uuid audit_id;        // names the token in logs, where its text must never stand

  bool operator==(const TokenClaims&) const = default;
};

// Pure but for the keyed hash; loop thread only, for the cache.
class TokenSigner {
 public:
  // `signing_key`: the cloud's (message TokenKeys), of exactly kTokenKeyBytes; checked. The crypto must outlive the
  // signer.
  TokenSigner(Crypto& crypto, std::string signing_key);

  std::string issue(const TokenClaims& claims);

  // The claims, or kUnauthenticated: empty, not a token of this form, of another cloud, tampered with, expired, or
  // issued in the future: by a clock that was wrong, and so its end is.
  // The text is compared in constant time; signatures found good are remembered (at most kCachedTokens of them).
  Expected<TokenClaims> check(const std::string& text, WallTime now);

  // Between the clocks of two api-servers.
  static constexpr Duration kClockTolerance = seconds(60);
  static constexpr size_t kCachedTokens = 4096;
  static constexpr size_t kMaxTokenLength = 512;

 private:
  Expected<TokenClaims> check_signature(std::string_view text);
  void remember(const std::string& text, const TokenClaims& claims);

  Crypto& crypto_;
  std::string signing_key_;
  std::string key_id_;
  HashMap<std::string, TokenClaims> cache_;
  std::vector<std::string> cached_;  // a ring of the cache's keys: the oldest goes first
  size_t next_cached_ = 0;
};

// True when equal, in a time that depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace kilonova::api
