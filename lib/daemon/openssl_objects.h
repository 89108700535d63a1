// What the files that make and read keys with OpenSSL share: objects that free themselves, and its refusals.
#pragma once

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kilonova {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;

inline std::unexpected<Error> openssl_failed(std::string_view what) {
  return fail(ErrorCode::kInternal, fmt::format("OpenSSL could not {}", what));
}

// What was written into a BIO in memory.
inline std::string text_in(BIO* bio) {
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio, &text);
  return std::string(text, static_cast<size_t>(length));
}

// "xx:xx:...", as Nova shows fingerprints.
inline std::string with_colons(std::span<const unsigned char> digest) {
  return fmt::format("{:02x}", fmt::join(digest, ":"));
}

}  // namespace kilonova
