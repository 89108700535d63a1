#include "daemon/ssh_key.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "daemon/base64.h"
#include "daemon/openssl_objects.h"

namespace kilonova {
namespace {

using NumberPtr = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
using BuiltPtr = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;

constexpr size_t kMaxPublicKeyLength = 16'384;

std::unexpected<Error> refuse(std::string why) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the public key is not in OpenSSH form ('ssh-ed25519 AAAA... comment'): {}", why));
}

// ---- the wire form of RFC 4251: lengths in four bytes, high first

void put_u32(std::string& out, size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void put_string(std::string& out, std::string_view bytes) {
  put_u32(out, bytes.size());
  out += bytes;
}

// A positive number; a leading zero byte keeps the sign bit clear.
void put_number(std::string& out, const BIGNUM* number) {
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
  if (!bytes.empty() && static_cast<uint8_t>(bytes[0]) >= 0x80) bytes.insert(bytes.begin(), '\0');
  put_string(out, bytes);
}

std::optional<std::string_view> take_string(std::string_view& blob) {
  if (blob.size() < 4) return std::nullopt;
  size_t length = 0;
  for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<uint8_t>(blob[static_cast<size_t>(i)]);
  if (length > blob.size() - 4) return std::nullopt;
  std::string_view bytes = blob.substr(4, length);
  blob.remove_prefix(4 + length);
  return bytes;
}

// ---- generation

std::string digest_of(std::string_view bytes, const EVP_MD* kind) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length, kind, nullptr);
  digest.resize(length);
  return digest;
}

std::string in_colons(const std::string& digest) {
  return with_colons({reinterpret_cast<const unsigned char*>(digest.data()), digest.size()});
}

std::string fingerprint_of(std::string_view blob) { return in_colons(digest_of(blob, EVP_md5())); }

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html; "" when OpenSSL fails.
std::string ec2_fingerprint_of(const EVP_PKEY* generated_rsa) {
  BioPtr der(BIO_new(BIO_s_mem()));
  if (!der || i2d_PKCS8PrivateKey_bio(der.get(), generated_rsa, nullptr, nullptr, 0, nullptr, nullptr) != 1) return {};
  return in_colons(digest_of(text_in(der.get()), EVP_sha1()));
}

std::string ec2_fingerprint_of(std::string_view blob) { return to_base64(digest_of(blob, EVP_sha256())); }

GeneratedKeyPair pair_of(std::string_view type, const std::string& blob, std::string_view comment,
                         std::string private_key, std::string ec2_fingerprint) {
  std::string public_key = fmt::format("{} {}", type, to_base64(blob));
  if (!comment.empty()) public_key += fmt::format(" {}", comment);
  return {std::move(private_key), std::move(public_key), fingerprint_of(blob), std::move(ec2_fingerprint)};
}

std::optional<NumberPtr> number_of(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return std::nullopt;
  return NumberPtr(number);
}

Expected<GeneratedKeyPair> generate_rsa(std::string_view comment) {
  KeyPtr key(EVP_RSA_gen(2048));
  if (!key) return openssl_failed("make an RSA key");
  auto e = number_of(key.get(), OSSL_PKEY_PARAM_RSA_E);
  auto n = number_of(key.get(), OSSL_PKEY_PARAM_RSA_N);
  BioPtr pem(BIO_new(BIO_s_mem()));
  if (!e || !n || !pem ||
      PEM_write_bio_PrivateKey_traditional(pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return openssl_failed("write an RSA key");
  std::string blob;
  put_string(blob, "ssh-rsa");
  put_number(blob, e->get());
  put_number(blob, n->get());
  return pair_of("ssh-rsa", blob, comment, text_in(pem.get()), ec2_fingerprint_of(key.get()));
}

// OpenSSH's PROTOCOL.key, without a passphrase.
std::string openssh_private_key(std::string_view public_blob, std::string_view public_bytes, std::string_view seed,
                                std::string_view comment, std::string_view check) {
  std::string secret(check);
  secret += check;
  put_string(secret, "ssh-ed25519");
  put_string(secret, public_bytes);
  put_string(secret, std::string(seed) + std::string(public_bytes));
  put_string(secret, comment);
  for (char padding = 1; secret.size() % 8 != 0; ++padding) secret += padding;

  std::string file("openssh-key-v1\0", 15);
  put_string(file, "none");  // cipher
  put_string(file, "none");  // key derivation
  put_string(file, "");
  put_u32(file, 1);
  put_string(file, public_blob);
  put_string(file, secret);
  std::string text = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  std::string base64 = to_base64(file);
  for (size_t i = 0; i < base64.size(); i += 70) text += base64.substr(i, 70) + "\n";
  return text + "-----END OPENSSH PRIVATE KEY-----\n";
}

Expected<GeneratedKeyPair> generate_ed25519(std::string_view comment) {
  KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  std::string seed(32, '\0');
  std::string public_bytes(32, '\0');
  std::string check(4, '\0');
  size_t seed_length = seed.size();
  size_t public_length = public_bytes.size();
  bool made =
      key &&
      EVP_PKEY_get_raw_private_key(key.get(), reinterpret_cast<unsigned char*>(seed.data()), &seed_length) == 1 &&
      EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(public_bytes.data()), &public_length) ==
          1 &&
      RAND_bytes(reinterpret_cast<unsigned char*>(check.data()), static_cast<int>(check.size())) == 1;
  if (!made) return openssl_failed("make an ed25519 key");
  std::string blob;
  put_string(blob, "ssh-ed25519");
  put_string(blob, public_bytes);
  return pair_of("ssh-ed25519", blob, comment, openssh_private_key(blob, public_bytes, seed, comment, check),
                 ec2_fingerprint_of(blob));
}

// ---- what a public key's blob must hold after its type

Expected<> check_rsa(std::string_view rest) {
  auto e = take_string(rest);
  auto n = take_string(rest);
  if (!e || !n || e->empty() || n->empty() || !rest.empty()) return refuse("its numbers are cut or too many");
  if (static_cast<uint8_t>((*n)[0]) >= 0x80 || static_cast<uint8_t>((*e)[0]) >= 0x80)
    return refuse("it has a negative number");
  size_t bits = (n->size() - ((*n)[0] == '\0' ? 1 : 0)) * 8;
  if (bits < 1024) return refuse(fmt::format("its modulus has {} bits; at least 1024 are needed", bits));
  return {};
}

Expected<> check_ed25519(std::string_view rest) {
  auto point = take_string(rest);
  if (!point || point->size() != 32 || !rest.empty()) return refuse("an ed25519 key has 32 bytes");
  return {};
}

Expected<> check_ecdsa(std::string_view type, std::string_view rest) {
  auto curve = take_string(rest);
  auto point = take_string(rest);
  if (!curve || !point || !rest.empty()) return refuse("its point is cut");
  if (!type.ends_with(*curve)) return refuse("its curve is not the one of its type");
  size_t field = *curve == "nistp256" ? 32 : *curve == "nistp384" ? 48 : *curve == "nistp521" ? 66 : 0;
  if (point->size() != 2 * field + 1 || (*point)[0] != 4) return refuse("its point has the wrong form");
  return {};
}

Expected<> check_blob(std::string_view type, std::string_view blob) {
  auto inner = take_string(blob);
  if (!inner || *inner != type) return refuse("its data is of another type than it says");
  if (type == "ssh-rsa") return check_rsa(blob);
  if (type == "ssh-ed25519") return check_ed25519(blob);
  return check_ecdsa(type, blob);
}

Expected<std::string> blob_of(std::string_view public_key) {
  if (public_key.size() > kMaxPublicKeyLength)
    return refuse(fmt::format("it has {} bytes; at most {} are allowed", public_key.size(), kMaxPublicKeyLength));
  while (public_key.ends_with('\n') || public_key.ends_with('\r') || public_key.ends_with(' '))
    public_key.remove_suffix(1);
  for (char c : public_key)
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) return refuse("it has a line break or another control character");
  size_t space = public_key.find(' ');
  if (space == std::string_view::npos) return refuse("it has no data");
  std::string_view type = public_key.substr(0, space);
  constexpr auto kTypes = std::to_array<std::string_view>(
      {"ssh-rsa", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"});
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end())
    return refuse(fmt::format("its type must be one of {}", fmt::join(kTypes, ", ")));
  std::string_view data = public_key.substr(space + 1);
  data = data.substr(0, data.find(' '));
  std::optional<std::string> blob = from_base64(data);
  if (!blob) return refuse("its data is not base64");
  if (auto good = check_blob(type, *blob); !good) return std::unexpected(std::move(good.error()));
  return *std::move(blob);
}

// Of an RSA key's numbers, as SubjectPublicKeyInfo.
std::string public_key_info(std::string_view blob) {
  take_string(blob);
  const auto e = take_string(blob), n = take_string(blob);
  auto number = [](std::string_view bytes) {
    return NumberPtr(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
  };
  ParametersPtr building(OSSL_PARAM_BLD_new());
  const NumberPtr exponent = number(*e), modulus = number(*n);
  if (!building || !exponent || !modulus ||
      OSSL_PARAM_BLD_push_BN(building.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(building.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    return {};
  const BuiltPtr parameters(OSSL_PARAM_BLD_to_param(building.get()));
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return {};
  const KeyPtr key(made);
  const BioPtr der(BIO_new(BIO_s_mem()));
  return der && i2d_PUBKEY_bio(der.get(), key.get()) == 1 ? text_in(der.get()) : std::string();
}

}  // namespace

Expected<GeneratedKeyPair> generate_ssh_key_pair(std::string_view type, std::string_view comment) {
  if (type == "rsa") return generate_rsa(comment);
  if (type == "ed25519") return generate_ed25519(comment);
  return fail(ErrorCode::kInvalidArgument, fmt::format("key type '{}' is unknown; it must be rsa or ed25519", type));
}

Expected<std::string> ssh_fingerprint(std::string_view public_key) {
  Expected<std::string> blob = blob_of(public_key);
  if (!blob) return std::unexpected(std::move(blob.error()));
  return fingerprint_of(*blob);
}

std::string ssh_ec2_fingerprint(std::string_view public_key) {
  const Expected<std::string> blob = blob_of(public_key);
  if (!blob) return {};
  if (!public_key.starts_with("ssh-rsa ")) return ec2_fingerprint_of(*blob);
  const std::string info = public_key_info(*blob);
  return info.empty() ? std::string() : in_colons(digest_of(info, EVP_md5()));
}

}  // namespace kilonova
