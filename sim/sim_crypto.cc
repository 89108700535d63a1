#include "sim/sim_crypto.h"

#include <fmt/format.h>

namespace kilonova::sim {
namespace {

uint64_t fnv(std::string_view text, uint64_t hash) {
  for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3ULL;
  return hash;
}

std::string hash_of(std::string_view password) { return fmt::format("sim${:016x}", fnv(password, 1)); }

}  // namespace

std::string SimCrypto::random_bytes(size_t n) {
  std::string bytes(n, '\0');
  for (char& c : bytes) c = static_cast<char>(random_.below(256));
  return bytes;
}

Task<std::string> SimCrypto::hash_password(std::string password) { co_return hash_of(password); }

Task<bool> SimCrypto::verify_password(std::string password, std::string hash) { co_return hash == hash_of(password); }

std::string SimCrypto::sign(std::string_view key, std::string_view message) {
  std::string signature;
  for (uint64_t lane = 1; lane <= 4; ++lane) {
    uint64_t word = fnv(message, fnv(key, lane * 0x9e3779b97f4a7c15ULL));
    signature.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  return signature;
}

Task<Expected<GeneratedKeyPair>> SimCrypto::generate_key_pair(std::string type, std::string comment) {
  std::string public_key = fmt::format("ssh-{} {:016x} {}", type, random_.next(), comment);
  co_return GeneratedKeyPair{"simulated private key", public_key, fmt::format("{:016x}", fnv(public_key, 2)),
                             fmt::format("{:016x}", fnv(public_key, 3))};
}

Expected<std::string> SimCrypto::fingerprint(std::string_view public_key) {
  return fmt::format("{:016x}", fnv(public_key, 2));
}

std::string SimCrypto::ec2_fingerprint(std::string_view public_key) {
  return fmt::format("{:016x}", fnv(public_key, 3));
}

}  // namespace kilonova::sim
