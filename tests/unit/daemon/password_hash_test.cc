#include "daemon/password_hash.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "daemon/base64.h"

namespace kilonova {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

// RFC 7914 section 12.
TEST(Scrypt, PublishedVectors) {
  EXPECT_EQ(hex(scrypt("", "", {16, 1, 1}, 64)),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  EXPECT_EQ(hex(scrypt("password", "NaCl", {1024, 8, 16}, 64)),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
  EXPECT_EQ(hex(scrypt("pleaseletmein", "SodiumChloride", {16384, 8, 1}, 64)),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
            "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST(PasswordHash, MatchesItsPasswordOnly) {
  std::string hash = make_password_hash("kilonova", "0123456789abcdef", {16, 1, 1});
  EXPECT_EQ(hash.substr(0, 14), "scrypt$16$1$1$");
  EXPECT_TRUE(matches_password_hash("kilonova", hash));
  EXPECT_FALSE(matches_password_hash("kilonovA", hash));
  EXPECT_FALSE(matches_password_hash("", hash));
}

TEST(PasswordHash, EverySaltGivesAnotherHash) {
  EXPECT_NE(make_password_hash("x", "salt-1", {16, 1, 1}), make_password_hash("x", "salt-2", {16, 1, 1}));
}

TEST(PasswordHash, WhatIsNoHashMatchesNothing) {
  std::string good = make_password_hash("x", "salt", {16, 1, 1});
  EXPECT_FALSE(matches_password_hash("x", ""));
  EXPECT_FALSE(matches_password_hash("x", "scrypt$$$$$"));
  EXPECT_FALSE(matches_password_hash("x", "scrypt$16$1$1$salt$"));
  EXPECT_FALSE(matches_password_hash("x", good + "$"));
  EXPECT_FALSE(matches_password_hash("x", "bcrypt" + good.substr(6)));
  // Costs that would eat the machine are refused, not tried.
  EXPECT_FALSE(matches_password_hash("x", "scrypt$1099511627776$8$1" + good.substr(13)));
  EXPECT_FALSE(matches_password_hash("x", "scrypt$16$1$1000000" + good.substr(13)));
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(matches_password_hash("x", good.substr(0, length)));
}

TEST(Base64, IsStrict) {
  for (std::string bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");  // RFC 4648 section 10
  for (const char* text : {"Zg", "Zg=", "Zh==", "Z===", "Zg==Zg==", " Zg==", "Zg=\n", "Zm9$"})
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace kilonova
