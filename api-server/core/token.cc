#include "api-server/core/token.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api-server/core/base64url.h"
#include "base/check.h"
#include "domain/token_key.h"
#include "domain/user_role.h"

namespace kilonova::api {
namespace {

constexpr std::string_view kPrefix = "kn1.";
constexpr size_t kKeyIdLength = 8;
constexpr size_t kPayloadLength = kKeyIdLength + 16 + 16 + 1 + 8 + 8 + 16;
// What stands behind it where there is something to say, before the domain's id.
constexpr size_t kMoreLength = 1 + 1 + 1 + 1 + 16 + 16 + 8;

std::unexpected<Error> refuse(std::string why) { return fail(ErrorCode::kUnauthenticated, std::move(why)); }

void append(std::string& out, const Uuid& uuid) {
  out.append(reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size());
}

void append(std::string& out, uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

void append(std::string& out, WallTime time) { append(out, static_cast<uint64_t>(time.us)); }

bool says_more(const TokenClaims& claims) {
  TokenClaims plain{claims.user_id,   claims.project_id, claims.role,
                    claims.issued_at, claims.expires_at, claims.audit_id};
  return !(claims == plain);
}

void append_more(std::string& out, const TokenClaims& claims) {
  out += static_cast<char>(claims.scope);
  out += static_cast<char>(claims.methods);
  out += static_cast<char>(claims.delegation);
  out += static_cast<char>(claims.has_access_rules);
  append(out, claims.delegation_id);
  append(out, claims.first_audit_id);
  append(out, claims.generation);
  out += claims.domain;
}

// Reads fixed fields off the front; the caller has checked the length.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  std::string_view take(size_t n) {
    std::string_view taken = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return taken;
  }
  Uuid uuid() {
    Uuid uuid;
    std::string_view taken = take(16);
    for (size_t i = 0; i < 16; ++i) uuid.bytes[i] = static_cast<uint8_t>(taken[i]);
    return uuid;
  }
  uint64_t number() {
    uint64_t value = 0;
    for (char byte : take(8)) value = value << 8 | static_cast<uint8_t>(byte);
    return value;
  }
  WallTime time() { return {static_cast<int64_t>(number())}; }
  uint8_t byte() { return static_cast<uint8_t>(take(1)[0]); }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

bool has_length(size_t bytes) {
  return bytes == kPayloadLength ||
         (bytes >= kPayloadLength + kMoreLength && bytes <= kPayloadLength + kMoreLength + kMaxDomainIdLength);
}

// False for what no kilonova writes.
bool read_more(Reader& reader, TokenClaims& claims) {
  uint8_t scope = reader.byte();
  claims.methods = reader.byte();
  uint8_t delegation = reader.byte();
  uint8_t has_access_rules = reader.byte();
  claims.delegation_id = reader.uuid();
  claims.first_audit_id = reader.uuid();
  claims.generation = reader.number();
  claims.domain = reader.rest();
  if (scope > static_cast<uint8_t>(TokenScope::kSystem) || has_access_rules > 1 ||
      delegation > static_cast<uint8_t>(Delegation::kApplicationCredential))
    return false;
  claims.scope = static_cast<TokenScope>(scope);
  claims.delegation = static_cast<Delegation>(delegation);
  claims.has_access_rules = has_access_rules == 1;
  return (claims.scope == TokenScope::kDomain) == !claims.domain.empty();
}

}  // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned>(static_cast<uint8_t>(a[i]) ^ static_cast<uint8_t>(b[i]));
  return difference == 0;
}

TokenSigner::TokenSigner(Crypto& crypto, std::string signing_key, std::vector<std::string> older_keys)
    : crypto_(crypto) {
  older_keys.insert(older_keys.begin(), std::move(signing_key));
  for (std::string& bytes : older_keys) {
    KN_CHECK(bytes.size() == kTokenKeyBytes, "a token signer was given a key of another length");
    std::string id = crypto_.sign(bytes, "kilonova token key id").substr(0, kKeyIdLength);
    KN_CHECK(id.size() == kKeyIdLength, "a keyed hash is shorter than the key id taken from it");
    keys_.push_back({std::move(id), std::move(bytes)});
  }
}

std::string TokenSigner::issue(const TokenClaims& claims) {
  KN_CHECK(claims.domain.size() <= kMaxDomainIdLength, "a domain's id is longer than a token has room for");
  std::string payload = keys_.front().id;
  append(payload, claims.user_id);
  append(payload, claims.project_id);
  payload += static_cast<char>(claims.role);
  append(payload, claims.issued_at);
  append(payload, claims.expires_at);
  append(payload, claims.audit_id);
  if (says_more(claims)) append_more(payload, claims);
  std::string text = std::string(kPrefix) + to_base64url(payload);
  std::string signature = crypto_.sign(keys_.front().bytes, text);
  return text + "." + to_base64url(signature);
}

Expected<TokenClaims> TokenSigner::check(const std::string& text, WallTime now) {
  const TokenClaims* cached = cache_.find(text);
  TokenClaims claims;
  if (cached != nullptr) {
    claims = *cached;
  } else {
    Expected<TokenClaims> checked = check_signature(text);
    if (!checked) return checked;
    claims = *checked;
  }
  if (claims.issued_at > now + kClockTolerance)
    return refuse(
        fmt::format("the token was issued at {}, which is still to come: log in again", to_iso8601(claims.issued_at)));
  if (now >= claims.expires_at)
    return refuse(fmt::format("the token expired at {}: log in again", to_iso8601(claims.expires_at)));
  if (cached == nullptr) remember(text, claims);
  return claims;
}

Expected<TokenClaims> TokenSigner::check_signature(std::string_view text) {
  if (text.empty()) return refuse("no token: log in and send it as 'authorization: Bearer TOKEN'");
  if (text.size() > kMaxTokenLength || !text.starts_with(kPrefix)) return refuse("this is no kilonova token (kn1....)");
  size_t dot = text.rfind('.');
  if (dot < kPrefix.size()) return refuse("the token is malformed: it has no signature");
  std::optional<std::string> payload = from_base64url(text.substr(kPrefix.size(), dot - kPrefix.size()));
  std::optional<std::string> signature = from_base64url(text.substr(dot + 1));
  if (!payload || !signature || !has_length(payload->size()))
    return refuse("the token is malformed: it was cut or altered");

  Reader reader(*payload);
  std::string_view key_id = reader.take(kKeyIdLength);
  auto key = std::ranges::find_if(keys_, [&](const Key& one) { return equal_in_constant_time(key_id, one.id); });
  if (key == keys_.end())
    return refuse("the token is of another cloud, or of this one before its keys changed: log in again");
  if (!equal_in_constant_time(*signature, crypto_.sign(key->bytes, text.substr(0, dot))))
    return refuse("the token's signature is wrong: log in again");

  TokenClaims claims;
  claims.user_id = reader.uuid();
  claims.project_id = reader.uuid();
  auto role = static_cast<uint8_t>(reader.take(1)[0]);
  if (role > static_cast<uint8_t>(UserRole::kAdmin)) return refuse("the token names an unknown role");
  claims.role = static_cast<UserRole>(role);
  claims.issued_at = reader.time();
  claims.expires_at = reader.time();
  claims.audit_id = reader.uuid();
  if (payload->size() > kPayloadLength && !read_more(reader, claims))
    return refuse("the token says what this kilonova does not know");
  return claims;
}

void TokenSigner::remember(const std::string& text, const TokenClaims& claims) {
  if (cached_.size() < kCachedTokens) {
    cached_.push_back(text);
  } else {
    cache_.erase(cached_[next_cached_]);
    cached_[next_cached_] = text;
    next_cached_ = (next_cached_ + 1) % kCachedTokens;
  }
  cache_.insert_or_assign(text, claims);
}

}  // namespace kilonova::api
