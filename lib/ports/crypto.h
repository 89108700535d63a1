// Secrets: passwords, tokens, key pairs. Implemented with OpenSSL (lib/daemon); the simulation has a fast stand-in.
// Called on the loop thread; what costs milliseconds runs elsewhere and is awaited.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "runtime/task.h"

namespace kilonova {

struct GeneratedKeyPair {
  std::string private_key;  // OpenSSH or PEM text; only ever sent to the client that asked
  std::string public_key;   // "ssh-ed25519 AAAA... comment"
  std::string fingerprint;  // MD5 in Nova's colon form
  std::string ec2_fingerprint = {};  // KeyPair's
};

class Crypto {
 public:
  virtual ~Crypto() = default;

  virtual std::string random_bytes(size_t n) = 0;
  // scrypt with a fresh salt: "scrypt$N$r$p$salt$hash", salt and hash in base64.
  virtual Task<std::string> hash_password(std::string password) = 0;
  // False too for a hash that cannot be parsed. Constant time in the password.
  virtual Task<bool> verify_password(std::string password, std::string hash) = 0;
  // HMAC-SHA256, 32 raw bytes.
  virtual std::string sign(std::string_view key, std::string_view message) = 0;
  // type "rsa" (2048 bits) or "ed25519".
  virtual Task<Expected<GeneratedKeyPair>> generate_key_pair(std::string type, std::string comment) = 0;
  // kInvalidArgument when it is no OpenSSH public key.
  virtual Expected<std::string> fingerprint(std::string_view public_key) = 0;
  // KeyPair's, of a key that was imported; "" of a certificate, and of what is no key.
  virtual std::string ec2_fingerprint(std::string_view public_key) = 0;
};

}  // namespace kilonova
