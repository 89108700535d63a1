#include "daemon/openssl_crypto.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "runtime/scope.h"

namespace kilonova {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

Task<void> check_passwords(RealLoop* loop, OpensslCrypto* crypto, std::optional<bool>* right,
                           std::optional<bool>* wrong) {
  std::string hash = co_await crypto->hash_password("kilonova");
  *right = co_await crypto->verify_password("kilonova", hash);
  *wrong = co_await crypto->verify_password("Kilonova", hash);
  loop->stop();
}

Task<void> make_key(RealLoop* loop, OpensslCrypto* crypto, std::optional<Expected<GeneratedKeyPair>>* made) {
  *made = co_await crypto->generate_key_pair("ed25519", "c");
  loop->stop();
}

Task<void> make_rsa_key(OpensslCrypto* crypto, int* made) {
  if ((co_await crypto->generate_key_pair("rsa", "c")).has_value()) ++*made;
}

Task<void> hash_for_nobody(OpensslCrypto* crypto) { co_await crypto->hash_password("x"); }

// RFC 4231, test cases 1 and 2.
TEST(OpensslCrypto, SignsAsPublished) {
  RealLoop loop;
  OpensslCrypto crypto(loop);
  EXPECT_EQ(hex(crypto.sign(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(crypto.sign("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(OpensslCrypto, RandomBytesDiffer) {
  RealLoop loop;
  OpensslCrypto crypto(loop);
  EXPECT_EQ(crypto.random_bytes(16).size(), 16u);
  EXPECT_NE(crypto.random_bytes(16), crypto.random_bytes(16));
}

TEST(OpensslCrypto, HashesAndVerifiesOffTheLoop) {
  RealLoop loop;
  OpensslCrypto crypto(loop);
  Scope scope(loop);
  std::optional<bool> right, wrong;
  scope.spawn(check_passwords(&loop, &crypto, &right, &wrong));
  loop.run();
  EXPECT_EQ(right, true);
  EXPECT_EQ(wrong, false);
}

TEST(OpensslCrypto, MakesKeysOffTheLoop) {
  RealLoop loop;
  OpensslCrypto crypto(loop);
  Scope scope(loop);
  std::optional<Expected<GeneratedKeyPair>> made;
  scope.spawn(make_key(&loop, &crypto, &made));
  loop.run();
  ASSERT_TRUE(made.has_value() && made->has_value());
  EXPECT_TRUE((*made)->public_key.starts_with("ssh-ed25519 "));
}

TEST(OpensslCrypto, AFlowMayDieBeforeItsAnswer) {
  RealLoop loop;
  OpensslCrypto crypto(loop);
  {
    Scope scope(loop);
    for (int i = 0; i < 3; ++i) scope.spawn(hash_for_nobody(&crypto));
    loop.post([&loop] { loop.stop(); });
    loop.run();
  }
  std::optional<bool> right, wrong;
  Scope scope(loop);
  scope.spawn(check_passwords(&loop, &crypto, &right, &wrong));
  loop.run();
  EXPECT_EQ(right, true);
}

// A hundred keys that nobody needed kept log-ins waiting for 18.8 s.
TEST(OpensslCrypto, PasswordsDoNotWaitBehindKeys) {
  constexpr int kKeys = 100;  // some ten seconds of work
  RealLoop loop;
  OpensslCrypto crypto(loop);
  Scope scope(loop);
  int made = 0;
  for (int i = 0; i < kKeys; ++i) scope.spawn(make_rsa_key(&crypto, &made));
  std::optional<bool> right, wrong;
  scope.spawn(check_passwords(&loop, &crypto, &right, &wrong));
  loop.run();
  EXPECT_EQ(right, true);
  EXPECT_LT(made, kKeys);
}

TEST(OpensslCrypto, KeysThatNobodyAwaitsAreNotMade) {
  RealLoop loop;
  OpensslCrypto crypto(loop);
  {
    Scope scope(loop);
    int made = 0;
    for (int i = 0; i < 10'000; ++i) scope.spawn(make_rsa_key(&crypto, &made));  // a quarter of an hour of work
    loop.post([&loop] { loop.stop(); });
    loop.run();
  }
  Scope scope(loop);
  std::optional<Expected<GeneratedKeyPair>> made;
  scope.spawn(make_key(&loop, &crypto, &made));
  loop.run();  // the time limit of tests ends it otherwise
  EXPECT_TRUE(made && made->has_value());
}

}  // namespace
}  // namespace kilonova
