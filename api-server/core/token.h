// Client tokens: what a log-in returns and every other call carries. Stateless: whoever has the cloud's signing key can
// check one. Text: "kn1." payload "." signature, both in base64url; the payload is fixed binary, the signature the
// HMAC-SHA256 of all before it. What goes beyond a user's role in a project stands behind the fixed part, and is left
// out where there is nothing of it.
#pragma once

#include <cstdint>
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

// What a token is for, as Keystone has it.
enum class TokenScope : uint8_t { kProject, kUnscoped, kDomain, kSystem };
// In whose place its holder acts.
enum class Delegation : uint8_t { kNone, kTrust, kApplicationCredential };

// How its holder proved who it is: bits of TokenClaims::methods.
inline constexpr uint8_t kByPassword = 1;
inline constexpr uint8_t kByToken = 2;
inline constexpr uint8_t kByApplicationCredential = 4;
inline constexpr uint8_t kByEc2Credential = 8;

inline constexpr size_t kMaxDomainIdLength = 64;

struct TokenClaims {
  Uuid user_id;
  Uuid project_id;  // nil: it is for no project
  // The highest of the three that mean something outside of Keystone. Of a domain or the system it counts with Keystone
  // alone.
  UserRole role = UserRole::kNone;
  WallTime issued_at;
  WallTime expires_at;  // not valid from this instant on
  Uuid audit_id;        // names the token in logs, where its text must never stand

  TokenScope scope = TokenScope::kProject;
  uint8_t methods = kByPassword;
  Delegation delegation = Delegation::kNone;
  bool has_access_rules = false;  // of its application credential
  Uuid delegation_id = {};        // of the trust or application credential
  Uuid first_audit_id = {};       // of the token that this one was got with; nil: with none
  uint64_t generation = 0;        // of the user's tokens: each change of the password begins another
  std::string domain = {};        // kDomain: its id

  bool operator==(const TokenClaims&) const = default;
};

// Pure but for the keyed hash; loop thread only, for the cache.
class TokenSigner {
 public:
  // `signing_key`: the cloud's (message TokenKeys), of exactly kTokenKeyBytes; checked. `older_keys`: those before it,
  // whose tokens are still good. The crypto must outlive the signer.
  TokenSigner(Crypto& crypto, std::string signing_key, std::vector<std::string> older_keys = {});

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
  struct Key {
    std::string id;  // tells which key signed a token
    std::string bytes;
  };
  Expected<TokenClaims> check_signature(std::string_view text);
  void remember(const std::string& text, const TokenClaims& claims);

  Crypto& crypto_;
  std::vector<Key> keys_;  // the first one signs
  HashMap<std::string, TokenClaims> cache_;
  std::vector<std::string> cached_;  // a ring of the cache's keys: the oldest goes first
  size_t next_cached_ = 0;
};

// True when equal, in a time that depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace kilonova::api
