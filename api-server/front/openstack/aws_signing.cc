#include "api-server/front/openstack/aws_signing.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "api-server/front/openstack/digest.h"
#include "base/check.h"

namespace kilonova::api::openstack {
namespace {

std::string hmac(const EVP_MD* kind, std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  KN_CHECK(
      ::HMAC(kind, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()),
             message.size(), digest.data(), &size) != nullptr,
      "a keyed hash cannot fail");
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) { return hmac(::EVP_sha256(), key, message); }

std::string hmac_sha1(std::string_view key, std::string_view message) { return hmac(::EVP_sha1(), key, message); }

std::string string_to_sign_v4(std::string_view timestamp, std::string_view scope, std::string_view canonical_request) {
  return fmt::format("{}\n{}\n{}\n{}", kSignatureV4Algorithm, timestamp, scope, sha256_hex(canonical_request));
}

std::string signature_v4(std::string_view secret, const CredentialScope& scope, std::string_view string_to_sign) {
  std::string key = hmac_sha256(fmt::format("AWS4{}", secret), scope.date);
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, scope.service);
  key = hmac_sha256(key, kSignatureV4Terminator);
  return hex_of(hmac_sha256(key, string_to_sign));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    parts.push_back(text.substr(0, text.find(separator)));
    if (parts.back().size() == text.size()) return parts;
    text.remove_prefix(parts.back().size() + 1);
  }
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

}  // namespace kilonova::api::openstack
