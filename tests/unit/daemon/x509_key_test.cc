// Certificates in the place of SSH keys, read again by OpenSSL's own functions.
#include "daemon/x509_key.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include <string>

#include "daemon/base64.h"

namespace kilonova {
namespace {

constexpr std::string_view kUser = "fd2b3c1a55de4a01b2f0a8b1c2d3e4f5";

X509* certificate_in(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return certificate;
}

TEST(X509Key, IsACertificateOfTheUserAndItsPrivateHalf) {
  auto made = generate_x509_key_pair(kUser);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  ASSERT_TRUE(is_certificate(made->public_key));
  X509* certificate = certificate_in(made->public_key);
  ASSERT_NE(certificate, nullptr);
  char name[64] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  EXPECT_EQ(name, kUser);
  EXPECT_EQ(X509_verify(certificate, X509_get0_pubkey(certificate)), 1) << "it is signed by itself";
  EXPECT_EQ(X509_get_extended_key_usage(certificate), static_cast<uint32_t>(XKU_SSL_CLIENT));
  EXPECT_GE(X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1), 0);

  auto binary = from_base64(made->private_key);
  ASSERT_TRUE(binary.has_value());
  const auto* bytes = reinterpret_cast<const unsigned char*>(binary->data());
  PKCS12* bundle = d2i_PKCS12(nullptr, &bytes, static_cast<long>(binary->size()));
  ASSERT_NE(bundle, nullptr);
  EVP_PKEY* key = nullptr;
  X509* same = nullptr;
  ASSERT_EQ(PKCS12_parse(bundle, "", &key, &same, nullptr), 1);
  EXPECT_EQ(X509_check_private_key(certificate, key), 1);
  EXPECT_EQ(X509_cmp(certificate, same), 0);
  EVP_PKEY_free(key);
  X509_free(same);
  PKCS12_free(bundle);
  X509_free(certificate);
}

TEST(X509Key, AFingerprintIsTheSha1OfWhatIsImported) {
  auto one = generate_x509_key_pair(kUser), other = generate_x509_key_pair(kUser);
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->fingerprint.size(), 59u);
  EXPECT_NE(one->fingerprint, other->fingerprint);
  EXPECT_EQ(x509_fingerprint(one->public_key), one->fingerprint);
  std::string trimmed = one->public_key;
  while (trimmed.ends_with('\n')) trimmed.pop_back();
  EXPECT_EQ(x509_fingerprint(trimmed), one->fingerprint);
}

TEST(X509Key, WhatIsNoCertificateIsRefusedInNovasWords) {
  auto good = generate_x509_key_pair(kUser);
  ASSERT_TRUE(good.has_value());
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  for (const std::string& text :
       {std::string(), std::string("ssh-ed25519 AAAA"), begin, begin + "AAAA\n-----END CERTIFICATE-----\n",
        good->public_key.substr(0, good->public_key.size() / 2), begin + std::string(20'000, 'A')}) {
    auto refused = x509_fingerprint(text);
    ASSERT_FALSE(refused.has_value()) << text.substr(0, 80);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(refused.error().message.starts_with("Keypair data is invalid: failed to generate X509 fingerprint."));
  }
}

}  // namespace
}  // namespace kilonova
