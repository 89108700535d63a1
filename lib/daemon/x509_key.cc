#include "daemon/x509_key.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

#include "daemon/base64.h"
#include "daemon/openssl_objects.h"

namespace kilonova {
namespace {

using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using BundlePtr = std::unique_ptr<PKCS12, Freer<PKCS12_free>>;

constexpr long kLifetime = 3650L * 24 * 3600;
constexpr long kVersion3 = 2;
constexpr size_t kMaxLength = 16'384;
constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";

bool add_extension(X509* certificate, int kind, const std::string& value) {
  ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// The serial number must be positive, and differ from others'.
bool draw_serial(X509* certificate) {
  std::array<unsigned char, sizeof(uint64_t)> bytes;
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number >> 1 | 1) == 1;
}

bool name_and_sign(X509* certificate, EVP_PKEY* key, const std::string& user) {
  X509_NAME* name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, kVersion3) == 1 && draw_serial(certificate) &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), kLifetime) != nullptr &&
         X509_set_pubkey(certificate, key) == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(user.c_str()), -1,
                                    -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 && add_extension(certificate, NID_ext_key_usage, "clientAuth") &&
         // The name that Windows logs a user in by.
         add_extension(certificate, NID_subject_alt_name,
                       fmt::format("otherName:1.3.6.1.4.1.311.20.2.3;UTF8:{}@localhost", user)) &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  X509_digest(certificate, EVP_sha1(), digest.data(), &length);
  return with_colons({digest.data(), length});
}

std::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("Keypair data is invalid: failed to generate X509 fingerprint. Error message: {}", why));
}

}  // namespace

Expected<GeneratedKeyPair> generate_x509_key_pair(std::string_view user) {
  KeyPtr key(EVP_RSA_gen(2048));
  CertificatePtr certificate(X509_new());
  if (!key || !certificate || !name_and_sign(certificate.get(), key.get(), std::string(user)))
    return openssl_failed("make a certificate");
  BundlePtr bundle(PKCS12_create("", nullptr, key.get(), certificate.get(), nullptr, 0, 0, 0, 0, 0));
  BioPtr binary(BIO_new(BIO_s_mem())), pem(BIO_new(BIO_s_mem()));
  if (!bundle || !binary || !pem || i2d_PKCS12_bio(binary.get(), bundle.get()) != 1 ||
      PEM_write_bio_X509(pem.get(), certificate.get()) != 1)
    return openssl_failed("write a certificate");
  return GeneratedKeyPair{to_base64(text_in(binary.get())), text_in(pem.get()), fingerprint_of(certificate.get())};
}

bool is_certificate(std::string_view public_key) { return public_key.starts_with(kBegin); }

Expected<std::string> x509_fingerprint(std::string_view text) {
  if (!is_certificate(text)) return refuse(fmt::format("it does not begin with {}", kBegin));
  if (text.size() > kMaxLength)
    return refuse(fmt::format("it has {} bytes; at most {} are allowed", text.size(), kMaxLength));
  BioPtr pem(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!pem) return openssl_failed("read a certificate");
  // Without a way to ask for a password: nothing may wait for a terminal.
  auto no_password = [](char*, int, int, void*) { return -1; };
  CertificatePtr certificate(PEM_read_bio_X509(pem.get(), nullptr, no_password, nullptr));
  if (!certificate) return refuse("it is no certificate in PEM");
  return fingerprint_of(certificate.get());
}

}  // namespace kilonova
