// Certificates as Nova makes and accepts them in the place of SSH keys, for Windows guests. Pure but for the system's
// randomness and clock; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "ports/crypto.h"

namespace kilonova {

// A certificate of `user`, signed by itself and good for ten years (nova/crypto.py, generate_winrm_x509_cert): the public
// half as PEM, the private one as PKCS#12 without a password in base64, the fingerprint as x509_fingerprint() says it. Some
// 100 ms. kInternal when OpenSSL fails.
Expected<GeneratedKeyPair> generate_x509_key_pair(std::string_view user);

// Whether it says that it is a certificate in PEM.
bool is_certificate(std::string_view public_key);

// Of a certificate in PEM: its SHA-1 as "xx:xx:...". kInvalidArgument, in Nova's words, for what is none.
Expected<std::string> x509_fingerprint(std::string_view certificate);

}  // namespace kilonova
