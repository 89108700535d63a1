// Signature Version 4 of AWS, as far as a server needs it: what a request says of its signature, and what that must be.
// Pure. Rules: the AWS documentation "Create a signed AWS API request"; botocore's auth.py, which the test's vectors
// come from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/ec2/refusal.h"
#include "base/time.h"
#include "http/message.h"
#include "http/target.h"

namespace kilonova::api::ec2 {

inline constexpr Duration kClockSkew = seconds(300);

struct Authorization {
  std::string access_key;
  std::string date;  // "20261130", of the scope
  std::string region;
  std::string service;                      // "ec2"
  std::vector<std::string> signed_headers;  // in lower case, in their order
  std::string signature;                    // 64 hexadecimal digits
  std::string timestamp;                    // "20261130T071500Z", of X-Amz-Date
  WallTime signed_at;
  Duration valid_for = kClockSkew;  // from then on
  bool is_in_query = false;         // a URL that was signed beforehand
};

inline constexpr size_t kMaxAuthorization = 2'048;  // bytes of the header

// Of the header Authorization and X-Amz-Date, or of a URL that was signed beforehand, of its X-Amz-Algorithm and the like.
// MissingAuthenticationToken where there is none, IncompleteSignature for
// one of another form, of another service, or that does not cover Host and X-Amz-Date.
Result<Authorization> read_authorization(const http::Request& request, const http::Target& target);
// The parameters of a URL that say how it was signed, and nothing else.
bool is_of_signature(std::string_view parameter);

// RequestExpired where it was signed more than kClockSkew ahead, or longer ago than it is valid.
Result<void> check_time(WallTime signed_at, WallTime now, Duration valid_for = kClockSkew);

std::string canonical_request(const http::Request& request, const http::Target& target,
                              const Authorization& authorization);
std::string string_to_sign(const Authorization& authorization, std::string_view canonical_request);
// 64 hexadecimal digits, lower case.
std::string signature_of(const Authorization& authorization, std::string_view secret, std::string_view string_to_sign);

// Whether the request was signed with this secret; compared in constant time.
bool is_signed_with(const http::Request& request, const http::Target& target, const Authorization& authorization,
                    std::string_view secret);

}  // namespace kilonova::api::ec2
