#include "daemon/openssl_crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <memory>
#include <optional>
#include <utility>

#include "base/check.h"
#include "daemon/password_hash.h"
#include "daemon/ssh_key.h"
#include "daemon/x509_key.h"

namespace kilonova {
namespace {

constexpr size_t kSaltLength = 16;
// Nobody waits this long for a hash: it only keeps the wait from having no end at all.
constexpr Duration kLongest = seconds(3600);

}  // namespace

OpensslCrypto::OpensslCrypto(RealLoop& loop, size_t threads)
    : loop_(loop), calls_(loop), passwords_(threads), key_pairs_(threads) {}

std::string OpensslCrypto::random_bytes(size_t n) {
  std::string bytes(n, '\0');
  KN_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(n)) == 1,
           "the system gives no random bytes");
  return bytes;
}

Task<std::string> OpensslCrypto::hash_password(std::string password) {
  Result result = co_await run(passwords_, [password = std::move(password), salt = random_bytes(kSaltLength)] {
    return Result(make_password_hash(password, salt));
  });
  co_return std::get<std::string>(std::move(result));
}

Task<bool> OpensslCrypto::verify_password(std::string password, std::string hash) {
  Result result = co_await run(passwords_, [password = std::move(password), hash = std::move(hash)] {
    return Result(matches_password_hash(password, hash));
  });
  co_return std::get<bool>(result);
}

std::string OpensslCrypto::sign(std::string_view key, std::string_view message) {
  std::string digest(32, '\0');
  unsigned length = 0;
  const unsigned char* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                   reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                   reinterpret_cast<unsigned char*>(digest.data()), &length);
  KN_CHECK(done != nullptr && length == digest.size(), "OpenSSL has no HMAC-SHA256");
  return digest;
}

Task<Expected<GeneratedKeyPair>> OpensslCrypto::generate_key_pair(std::string type, std::string comment) {
  Result result = co_await run(key_pairs_, [type = std::move(type), comment = std::move(comment)] {
    return Result(type == "x509" ? generate_x509_key_pair(comment) : generate_ssh_key_pair(type, comment));
  });
  co_return std::get<Expected<GeneratedKeyPair>>(std::move(result));
}

Expected<std::string> OpensslCrypto::fingerprint(std::string_view public_key) {
  return is_certificate(public_key) ? x509_fingerprint(public_key) : ssh_fingerprint(public_key);
}

std::string OpensslCrypto::ec2_fingerprint(std::string_view public_key) {
  return is_certificate(public_key) ? std::string() : ssh_ec2_fingerprint(public_key);
}

template <class Function>
Task<OpensslCrypto::Result> OpensslCrypto::run(WorkerPool& workers, Function function) {
  auto call = calls_.open();
  auto awaited = std::make_shared<bool>(true);  // dies with the flow
  workers.submit([this, id = call.id(), asked = std::weak_ptr<bool>(awaited), function = std::move(function)] {
    if (asked.expired()) return;
    loop_.post_from_any_thread([this, id, result = function()]() mutable { calls_.complete(id, std::move(result)); });
  });
  std::optional<Result> result = co_await call.wait_for(kLongest);
  KN_CHECK(result.has_value(), "a worker thread did not answer for an hour");
  co_return std::move(*result);
}

}  // namespace kilonova
