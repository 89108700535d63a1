#include "api-server/front/openstack/digest.h"

#include <openssl/evp.h>

#include <array>

#include "base/check.h"
#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

std::string digest_hex(const EVP_MD* kind, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  KN_CHECK(::EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr) == 1, "a hash cannot fail");
  return hex_of({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string sha224_hex(std::string_view bytes) { return digest_hex(::EVP_sha224(), bytes); }

std::string sha256_hex(std::string_view bytes) { return digest_hex(::EVP_sha256(), bytes); }

std::string stable_id(std::string_view what) { return sha256_hex(what).substr(0, 32); }

std::string stable_uuid(std::string_view what) { return to_string(*parse_uuid(stable_id(what))); }

}  // namespace kilonova::api::openstack
