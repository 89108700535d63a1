#include "api-server/front/ec2/signature_v2.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api-server/core/token.h"
#include "api-server/front/openstack/aws_signing.h"
#include "api-server/front/openstack/times.h"
#include "base/ascii.h"
#include "daemon/base64.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

constexpr std::string_view kMethod = "HmacSHA256";

// The first of this name; "" without one. Names that are there twice are refused before anything is done.
std::string_view value_of(const Form& form, std::string_view name) {
  for (const auto& [key, value] : form)
    if (key == name) return value;
  return "";
}

std::unexpected<Refusal> incomplete(std::string message) { return refused("IncompleteSignature", std::move(message)); }

}  // namespace

bool says_signature_v2(const Form& form) { return !value_of(form, "SignatureVersion").empty(); }

Result<AuthorizationV2> read_authorization_v2(const Form& form) {
  if (value_of(form, "SignatureVersion") != "2")
    return incomplete(fmt::format("SignatureVersion {} must be 2; version 4 is in the header Authorization.",
                                  in_quotes(value_of(form, "SignatureVersion"))));
  if (value_of(form, "SignatureMethod") != kMethod)
    return incomplete(
        fmt::format("SignatureMethod {} must be {}.", in_quotes(value_of(form, "SignatureMethod")), kMethod));
  AuthorizationV2 authorization{
      std::string(value_of(form, "AWSAccessKeyId")), std::string(value_of(form, "Signature")), {}};
  if (authorization.access_key.empty() || authorization.signature.empty())
    return incomplete("AWSAccessKeyId and Signature must be there.");
  const std::string_view timestamp = value_of(form, "Timestamp");
  std::optional<WallTime> signed_at = openstack::parse_time(timestamp);
  if (!signed_at)
    return incomplete(fmt::format("Timestamp {} must have the form 2026-11-30T07:15:00Z.", in_quotes(timestamp)));
  authorization.signed_at = *signed_at;
  return authorization;
}

std::string string_to_sign_v2(const http::Request& request, const http::Target& target, const Form& form) {
  Form sorted = form;
  std::erase_if(sorted, [](const auto& pair) { return pair.first == "Signature"; });
  std::ranges::sort(sorted);
  std::string text =
      fmt::format("{}\n{}\n{}\n", request.method, to_lower(std::string(request.header("Host"))), target.raw_path);
  for (bool is_first = true; const auto& [key, value] : sorted) {
    text += fmt::format("{}{}={}", is_first ? "" : "&", http::percent_encode(key), http::percent_encode(value));
    is_first = false;
  }
  return text;
}

bool is_signed_with_v2(const http::Request& request, const http::Target& target, const Form& form,
                       const AuthorizationV2& authorization, std::string_view secret) {
  const std::string made = to_base64(openstack::hmac_sha256(secret, string_to_sign_v2(request, target, form)));
  return equal_in_constant_time(made, authorization.signature);
}

}  // namespace kilonova::api::ec2
