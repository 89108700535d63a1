// SSH key pairs as Nova makes and accepts them. Pure but for the system's randomness; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "ports/crypto.h"

namespace kilonova {

// `type`: "rsa" (2048 bits, the private half as PEM, some 100 ms) or "ed25519" (the private half in OpenSSH's own form, which is
// the only one ssh reads for it). kInvalidArgument for another type, kInternal when OpenSSL fails.
Expected<GeneratedKeyPair> generate_ssh_key_pair(std::string_view type, std::string_view comment);

// Of an OpenSSH public key "type base64 [comment]" (ssh-rsa from 1024 bits, ssh-ed25519, ecdsa-sha2-nistp256/384/521):
// the MD5 of its blob as "xx:xx:...", as Nova 2.1 shows it. kInvalidArgument says what is wrong with it.
Expected<std::string> ssh_fingerprint(std::string_view public_key);

// KeyPair's ec2_fingerprint, of such a key that was imported; "" of what ssh_fingerprint() does not take.
std::string ssh_ec2_fingerprint(std::string_view public_key);

}  // namespace kilonova
