// FakeCrypto: fast, deterministic and of no use against anybody. Counts the costly work, so that tests can compare it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "ports/crypto.h"
#include "runtime/sleep.h"

namespace kilonova::testing {

class FakeCrypto final : public Crypto {
 public:
  explicit FakeCrypto(Loop& loop) : loop_(loop) {}

  std::string random_bytes(size_t n) override { return std::string(n, static_cast<char>('a' + ++drawn_ % 26)); }
  Task<std::string> hash_password(std::string password) override {
    ++costly;
    co_await sleep_for(loop_, milliseconds(40));
    co_return "scrypt$fake$" + password;
  }
  Task<bool> verify_password(std::string password, std::string hash) override {
    ++costly;
    co_await sleep_for(loop_, milliseconds(40));
    co_return hash == "scrypt$fake$" + password;
  }
  // Four FNV-1a hashes: every bit of key and message counts.
  std::string sign(std::string_view key, std::string_view message) override {
    ++signatures;
    std::string digest;
    for (uint64_t lane = 1; lane <= 4; ++lane) {
      uint64_t hash = 0xcbf29ce484222325ULL * lane;
      for (std::string_view part : {key, std::string_view("|"), message})
        for (char c : part) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3ULL;
      for (int shift = 0; shift < 64; shift += 8) digest += static_cast<char>(hash >> shift);
    }
    return digest;
  }
  Task<Expected<GeneratedKeyPair>> generate_key_pair(std::string type, std::string comment) override {
    ++costly;
    co_await sleep_for(loop_, milliseconds(100));
    co_return GeneratedKeyPair{"PRIVATE " + type, "ssh-" + type + " AAAA " + comment, "00:11", "22:33"};
  }
  Expected<std::string> fingerprint(std::string_view public_key) override {
    if (public_key.starts_with("ssh-")) return "aa:bb";
    return fail(ErrorCode::kInvalidArgument, "the public key is not in OpenSSH form");
  }
  std::string ec2_fingerprint(std::string_view) override { return "cc:dd"; }

  int costly = 0;
  int signatures = 0;

 private:
  Loop& loop_;
  int drawn_ = 0;
};

}  // namespace kilonova::testing
