#include "store/first_subnet.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/check.h"
#include "domain/subnet_rules.h"

namespace kilonova {

Subnet first_subnet(const Network& network) {
  std::string what = "subnet " + to_string(network.id);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  KN_CHECK(::EVP_Digest(what.data(), what.size(), digest.data(), &size, ::EVP_sha256(), nullptr) == 1,
           "a hash cannot fail");
  Uuid id;
  std::ranges::copy_n(digest.begin(), static_cast<std::ptrdiff_t>(id.bytes.size()), id.bytes.begin());
  return ipv4_subnet_of(network, id);
}

}  // namespace kilonova
