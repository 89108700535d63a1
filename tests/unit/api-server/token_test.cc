#include "api-server/core/token.h"

#include <gtest/gtest.h>

#include <string>

#include "api-server/core/base64url.h"
#include "base/random.h"
#include "domain/user_role.h"
#include "runtime/virtual_loop.h"
#include "tests/support/fake_crypto.h"

namespace kilonova::api {
namespace {

using testing::FakeCrypto;

constexpr WallTime kIssued{1'767'225'600'000'000};

class Token : public ::testing::Test {
 protected:
  TokenClaims claims() {
    return {random_uuid(random_),    random_uuid(random_), UserRole::kMember, kIssued,
            kIssued + seconds(3600), random_uuid(random_)};
  }

  VirtualLoop loop_;
  FakeCrypto crypto_{loop_};
  Random random_{1};
  TokenSigner signer_{crypto_, std::string(32, 'k')};
};

TEST_F(Token, CarriesItsClaims) {
  TokenClaims issued = claims();
  std::string text = signer_.issue(issued);
  EXPECT_TRUE(text.starts_with("kn1."));
  EXPECT_EQ(signer_.check(text, kIssued), issued);
  EXPECT_EQ(signer_.check(text, kIssued + seconds(3599)), issued);
}

TEST_F(Token, CarriesWhatGoesBeyondAProject) {
  TokenClaims issued = claims();
  issued.scope = TokenScope::kDomain;
  issued.project_id = {};
  issued.domain = std::string(kMaxDomainIdLength, 'd');
  issued.methods = kByToken | kByPassword;
  issued.delegation = Delegation::kApplicationCredential;
  issued.has_access_rules = true;
  issued.delegation_id = random_uuid(random_);
  issued.first_audit_id = random_uuid(random_);
  issued.generation = 1'234'567;
  std::string text = signer_.issue(issued);
  EXPECT_LE(text.size(), TokenSigner::kMaxTokenLength);
  EXPECT_EQ(signer_.check(text, kIssued), issued);
  for (TokenScope scope : {TokenScope::kUnscoped, TokenScope::kSystem, TokenScope::kProject}) {
    issued.scope = scope;
    issued.domain.clear();
    EXPECT_EQ(signer_.check(signer_.issue(issued), kIssued), issued);
  }
}

TEST_F(Token, OfAnOlderKeyIsGoodWhileTheKeyIs) {
  std::string text = signer_.issue(claims());
  TokenSigner both(crypto_, std::string(32, 'n'), {std::string(32, 'k')});
  EXPECT_TRUE(both.check(text, kIssued).has_value());
  EXPECT_TRUE(both.check(both.issue(claims()), kIssued).has_value());
  EXPECT_FALSE(signer_.check(both.issue(claims()), kIssued).has_value()) << "the newest one signs";
  TokenSigner newer(crypto_, std::string(32, 'n'));
  EXPECT_FALSE(newer.check(text, kIssued).has_value());
}

TEST_F(Token, ExpiresOnTime) {
  std::string text = signer_.issue(claims());
  ASSERT_TRUE(signer_.check(text, kIssued).has_value());  // cached: expiry must be looked at again
  for (WallTime now : {kIssued + seconds(3600), kIssued + seconds(1'000'000)}) {
    auto checked = signer_.check(text, now);
    ASSERT_FALSE(checked.has_value());
    EXPECT_EQ(checked.error().code, ErrorCode::kUnauthenticated);
    EXPECT_EQ(checked.error().message, "the token expired at 2026-01-01T01:00:00.000000Z: log in again");
  }
}

TEST_F(Token, OneOfTheFutureIsRefused) {
  TokenClaims ahead = claims();
  ahead.issued_at = kIssued + seconds(400 * 86'400);
  ahead.expires_at = ahead.issued_at + seconds(3600);
  std::string text = signer_.issue(ahead);
  EXPECT_TRUE(signer_.check(text, ahead.issued_at).has_value());  // cached: it must be looked at again
  auto checked = signer_.check(text, kIssued);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(checked.error().message,
            "the token was issued at 2027-02-05T00:00:00.000000Z, which is still to come: log in again");
  EXPECT_TRUE(signer_.check(text, ahead.issued_at + (Duration{} - TokenSigner::kClockTolerance)).has_value());
}

TEST_F(Token, NoByteCanBeChanged) {
  std::string text = signer_.issue(claims());
  for (size_t i = 0; i < text.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[i] = static_cast<char>(byte);
      if (changed == text) continue;
      auto checked = signer_.check(changed, kIssued);
      ASSERT_FALSE(checked.has_value()) << "byte " << i << " as " << byte;
      ASSERT_EQ(checked.error().code, ErrorCode::kUnauthenticated);
    }
  }
}

TEST_F(Token, NoPartAloneIsAToken) {
  std::string text = signer_.issue(claims());
  for (size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(signer_.check(text.substr(0, length), kIssued).has_value());
  EXPECT_FALSE(signer_.check(text + "A", kIssued).has_value());
  EXPECT_FALSE(signer_.check(text + text, kIssued).has_value());
  EXPECT_FALSE(signer_.check(" " + text, kIssued).has_value());
}

TEST_F(Token, EachRefusalSaysWhy) {
  auto why = [this](const std::string& text) { return signer_.check(text, kIssued).error().message; };
  EXPECT_NE(why("").find("no token"), std::string::npos);
  EXPECT_NE(why("gAAAAABf").find("no kilonova token"), std::string::npos);
  EXPECT_NE(why(std::string(10'000, 'a')).find("no kilonova token"), std::string::npos);
  EXPECT_NE(why("kn1.abc").find("malformed"), std::string::npos);
  EXPECT_NE(why("kn1.abc.def").find("malformed"), std::string::npos);
  TokenSigner other(crypto_, std::string(32, 'o'));
  EXPECT_NE(why(other.issue(claims())).find("another cloud"), std::string::npos);
  std::string forged = signer_.issue(claims());
  std::string second = signer_.issue(claims());
  forged.replace(forged.rfind('.'), std::string::npos, second.substr(second.rfind('.')));
  EXPECT_NE(why(forged).find("signature is wrong"), std::string::npos);
}

TEST_F(Token, GoodOnesAreRememberedWithinBounds) {
  std::string text = signer_.issue(claims());
  ASSERT_TRUE(signer_.check(text, kIssued).has_value());
  int before = crypto_.signatures;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(signer_.check(text, kIssued).has_value());
  EXPECT_EQ(crypto_.signatures, before);
  for (size_t i = 0; i < TokenSigner::kCachedTokens; ++i)
    ASSERT_TRUE(signer_.check(signer_.issue(claims()), kIssued).has_value());
  before = crypto_.signatures;
  EXPECT_TRUE(signer_.check(text, kIssued).has_value());
  EXPECT_EQ(crypto_.signatures, before + 1) << "the oldest must have been forgotten";
}

TEST(ConstantTime, ComparesAsItShould) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_FALSE(equal_in_constant_time(std::string_view("\x80", 1), std::string_view("\0", 1)));
}

TEST(Base64Url, HasOneSpelling) {
  Random random(5);
  for (size_t length = 0; length < 100; ++length) {
    std::string bytes;
    while (bytes.size() < length) bytes += static_cast<char>(random.next());
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
  }
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
  for (const char* text : {"A", "AB", "-_9", "AA=", "AA==", "A+", "A/", "A A"})
    EXPECT_EQ(from_base64url(text), std::nullopt) << text;
}

}  // namespace
}  // namespace kilonova::api
