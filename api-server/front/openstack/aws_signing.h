// The keyed hashes of AWS' signatures, for the EC2 API and for Keystone's ec2tokens. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kilonova::api::openstack {

inline constexpr std::string_view kSignatureV4Algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kSignatureV4Terminator = "aws4_request";

// 32 and 20 bytes.
std::string hmac_sha256(std::string_view key, std::string_view message);
std::string hmac_sha1(std::string_view key, std::string_view message);

// Where a signature of version 4 is good.
struct CredentialScope {
  std::string_view date;  // "20261130"
  std::string_view region;
  std::string_view service;
};
// What is signed of a canonical request. `timestamp`: "20261130T071500Z"; `scope`: of the credential, with the terminator
// at its end.
std::string string_to_sign_v4(std::string_view timestamp, std::string_view scope, std::string_view canonical_request);
// 64 hexadecimal digits, lower case. Rule: the AWS documentation "Create a signed AWS API request".
std::string signature_v4(std::string_view secret, const CredentialScope& scope, std::string_view string_to_sign);

// What both read of headers: the parts between separators, and a text without blanks around it.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trimmed(std::string_view text);

}  // namespace kilonova::api::openstack
