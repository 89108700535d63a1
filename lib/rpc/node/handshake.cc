#include "rpc/node/handshake.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/check.h"
#include "rpc/node/limits.h"

namespace kilonova {
namespace {

constexpr size_t kNonceBytes = 32;

void append(std::string* text, const v1::Hello& hello) {
  *text += fmt::format("|{}|{}|{}|{}|", hello.protocol_version(), hello.role(), hello.index(), hello.incarnation());
  *text += hello.nonce();  // of fixed length, so nothing else can be read into it
  *text += fmt::format("|{}|{}|", hello.resume_incarnation(), hello.resume_number());
  *text += hello.replaced() ? "replaced|" : "|";
  for (const std::string& said : {hello.address(), hello.hostname()}) *text += fmt::format("{}:{}|", said.size(), said);
}

}  // namespace

bool dials(Role from, Role to) {
  switch (to) {
    case Role::kController:
      return from == Role::kScheduler || from == Role::kNetwork || from == Role::kCompute || from == Role::kApi;
    case Role::kScheduler:
    case Role::kNetwork: return from == Role::kCompute;
    default: return false;
  }
}

PeerId peer_of(const v1::Hello& hello) { return {static_cast<Role>(hello.role()), hello.index()}; }

Expected<> check_hello(const v1::Hello& hello) {
  if (hello.protocol_version() != kProtocolVersion) {
    return fail(ErrorCode::kConflict,
                fmt::format("protocol version {} is not spoken here, but {}: run the same release of "
                            "every daemon",
                            hello.protocol_version(), kProtocolVersion));
  }
  if (hello.role() < static_cast<uint32_t>(Role::kController) || hello.role() > static_cast<uint32_t>(Role::kApi)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("role {} is none of 1 to 5", hello.role()));
  }
  if (hello.incarnation() == 0) return fail(ErrorCode::kInvalidArgument, "an incarnation is never 0");
  if (hello.nonce().size() != kNonceBytes) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a nonce has {} bytes, not {}", kNonceBytes, hello.nonce().size()));
  }
  return {};
}

std::string random_nonce() {
  std::string nonce(kNonceBytes, '\0');
  int made = RAND_bytes(reinterpret_cast<unsigned char*>(nonce.data()), static_cast<int>(nonce.size()));
  KN_CHECK(made == 1, "the system gives no random bytes");
  return nonce;
}

std::string make_proof(std::string_view key, std::string_view side, const v1::Hello& dialer, const v1::Hello& server) {
  std::string text(side);
  append(&text, dialer);
  append(&text, server);
  std::string proof(EVP_MAX_MD_SIZE, '\0');
  unsigned int length = 0;
  const unsigned char* made =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
           text.size(), reinterpret_cast<unsigned char*>(proof.data()), &length);
  KN_CHECK(made != nullptr, "HMAC-SHA256 failed");
  proof.resize(length);
  return proof;
}

bool same_proof(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace kilonova
