// A client's token.
#include <string>

#include "api-server/core/base64url.h"
#include "api-server/core/token.h"
#include "domain/user_role.h"
#include "tests/fuzz/fuzz.h"

namespace kilonova {
namespace {

// Signatures that a fuzzer can guess, so that it gets to what is behind them. The rest is not asked for.
class WeakCrypto final : public Crypto {
 public:
  std::string random_bytes(size_t n) override { return std::string(n, 'r'); }
  Task<std::string> hash_password(std::string) override { co_return ""; }
  Task<bool> verify_password(std::string, std::string) override { co_return false; }
  std::string sign(std::string_view, std::string_view) override { return std::string(32, '\0'); }
  Task<Expected<GeneratedKeyPair>> generate_key_pair(std::string, std::string) override {
    co_return GeneratedKeyPair{};
  }
  Expected<std::string> fingerprint(std::string_view) override { return ""; }
  std::string ec2_fingerprint(std::string_view) override { return ""; }
};

}  // namespace
}  // namespace kilonova

KN_FUZZ_TARGET(fuzz_token) {
  using namespace kilonova;
  if (auto decoded = api::from_base64url(bytes))
    KN_CHECK(api::to_base64url(*decoded) == bytes, "one spelling for all bytes");
  WeakCrypto crypto;
  api::TokenSigner signer(crypto, std::string(32, 'k'));
  std::string text(bytes);
  auto claims = signer.check(text, WallTime{1'000'000});
  auto again = signer.check(text, WallTime{1'000'000});
  KN_CHECK(claims.has_value() == again.has_value(), "a token is as good the second time, from the cache");
  if (!claims) {
    KN_CHECK(claims.error().code == ErrorCode::kUnauthenticated, "a bad token is no log-in");
    return;
  }
  KN_CHECK(claims->expires_at > WallTime{1'000'000}, "an expired token is refused");
  KN_CHECK(claims->role <= UserRole::kAdmin, "no role beyond the highest");
}
