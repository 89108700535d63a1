// Signature Version 2, of the tools of the article's time: it stands among the parameters that it signs. Pure. Rules:
// the AWS documentation "Signature Version 2 signing process"; botocore's auth.py, which the test's vectors come from.
#pragma once

#include <string>
#include <string_view>

#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"
#include "base/time.h"
#include "http/message.h"
#include "http/target.h"

namespace kilonova::api::ec2 {

struct AuthorizationV2 {
  std::string access_key;
  std::string signature;  // base64
  WallTime signed_at;
};

// Whether a form is signed so, well or not.
bool says_signature_v2(const Form& form);

// IncompleteSignature for another method than HmacSHA256, or where a part of it is not there.
Result<AuthorizationV2> read_authorization_v2(const Form& form);

std::string string_to_sign_v2(const http::Request& request, const http::Target& target, const Form& form);

// Whether the form was signed with this secret; compared in constant time.
bool is_signed_with_v2(const http::Request& request, const http::Target& target, const Form& form,
                       const AuthorizationV2& authorization, std::string_view secret);

}  // namespace kilonova::api::ec2
