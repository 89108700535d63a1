// Stands in for OpenSSL in the simulation: same shapes, no secrecy, no time.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "ports/crypto.h"

namespace kilonova::sim {

class SimCrypto final : public Crypto {
 public:
  explicit SimCrypto(Random random) : random_(random) {}

  std::string random_bytes(size_t n) override;
  Task<std::string> hash_password(std::string password) override;
  Task<bool> verify_password(std::string password, std::string hash) override;
  std::string sign(std::string_view key, std::string_view message) override;
  Task<Expected<GeneratedKeyPair>> generate_key_pair(std::string type, std::string comment) override;
  Expected<std::string> fingerprint(std::string_view public_key) override;
  std::string ec2_fingerprint(std::string_view public_key) override;

 private:
  Random random_;
};

}  // namespace kilonova::sim
