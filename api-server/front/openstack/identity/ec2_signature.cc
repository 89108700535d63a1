#include "api-server/front/openstack/identity/ec2_signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "api-server/front/openstack/aws_signing.h"
#include "api-server/front/openstack/sort_stably.h"
#include "base/ascii.h"
#include "daemon/base64.h"
#include "http/target.h"

namespace kilonova::api::openstack {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// In their order.
Pairs pairs_of(const Json& request, std::string_view key) {
  Pairs pairs;
  const Json* object = member(request, key);
  if (object == nullptr || !object->is_object()) return pairs;
  for (const auto& [name, value] : object->items())
    pairs.emplace_back(name, value.is_string() ? value.get<std::string>() : to_text(value));
  return pairs;
}

std::string value_of(const Pairs& pairs, std::string_view name) {
  auto found = std::ranges::find(pairs, name, &std::pair<std::string, std::string>::first);
  return found == pairs.end() ? std::string() : found->second;
}

std::string canonical_query(Pairs parameters) {
  std::ranges::sort(parameters);
  std::string query;
  for (const auto& [key, value] : parameters)
    query += fmt::format("{}{}={}", query.empty() ? "" : "&", http::percent_encode(key), http::percent_encode(value));
  return query;
}

std::string signature_of_version_1(Pairs parameters, std::string_view secret) {
  sort_stably(parameters, [](const auto& a, const auto& b) { return to_lower(a.first) < to_lower(b.first); });
  std::string text;
  for (const auto& [key, value] : parameters) text += key + value;
  return to_base64(hmac_sha1(secret, text));
}

std::string signature_of_version_2(const Json& request, Pairs parameters, std::string_view secret) {
  std::erase_if(parameters, [](const auto& pair) { return pair.first == "SignatureMethod"; });
  parameters.emplace_back("SignatureMethod", "HmacSHA256");
  return to_base64(hmac_sha256(secret, fmt::format("{}\n{}\n{}\n{}", text_at(request, "verb"), text_at(request, "host"),
                                                   text_at(request, "path"), canonical_query(parameters))));
}

// Of the header Authorization, or else of the parameters of a signed address.
std::string part_of(const Pairs& headers, const Pairs& parameters, std::string_view name) {
  const std::string header = value_of(headers, "Authorization");
  if (header.empty()) return value_of(parameters, fmt::format("X-Amz-{}", name));
  const std::string begin = fmt::format("{}=", name);
  const size_t at = header.find(begin);
  if (at == std::string::npos) return "";
  const size_t from = at + begin.size();
  return header.substr(from, header.find(',', from) - from);
}

std::string canonical_headers(const Pairs& headers, std::string_view signed_headers) {
  std::string text;
  for (std::string_view name : split(signed_headers, ';')) {
    auto header = std::ranges::find(headers, name, [](const auto& pair) { return to_lower(pair.first); });
    if (header != headers.end()) text += fmt::format("{}:{}\n", name, trimmed(header->second));
  }
  return text.empty() ? "\n" : text;
}

std::optional<std::string> signature_of_version_4(const Json& request, const Pairs& parameters,
                                                  std::string_view secret) {
  const Pairs headers = pairs_of(request, "headers");
  const std::string signed_headers = part_of(headers, parameters, "SignedHeaders");
  const std::string credential = part_of(headers, parameters, "Credential");  // KEY/20261130/region/ec2/aws4_request
  const std::vector<std::string_view> parts = split(credential, '/');
  if (parts.size() < 5) return std::nullopt;
  const std::string scope = credential.substr(credential.find('/') + 1);
  const CredentialScope place{parts[1], parts[2], parts[3]};
  std::string date = value_of(headers, "X-Amz-Date");
  if (date.empty()) date = value_of(parameters, "X-Amz-Date");
  if (!date.starts_with(place.date)) return std::nullopt;
  std::string verb = text_at(request, "verb");
  std::ranges::transform(verb, verb.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  // Those of a POST are in its body.
  const std::string canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", verb, text_at(request, "path"),
                  verb == "POST" ? std::string() : canonical_query(parameters),
                  canonical_headers(headers, signed_headers), signed_headers, text_at(request, "body_hash"));
  return signature_v4(secret, place, string_to_sign_v4(date, scope, canonical));
}

}  // namespace

std::optional<std::string> ec2_signature(const Json& request, std::string_view secret) {
  const Pairs parameters = pairs_of(request, "params");
  const std::string version = value_of(parameters, "SignatureVersion");
  if (version == "0")
    return to_base64(hmac_sha1(secret, value_of(parameters, "Action") + value_of(parameters, "Timestamp")));
  if (version == "1") return signature_of_version_1(parameters, secret);
  if (version == "2") return signature_of_version_2(request, parameters, secret);
  const bool is_4 = value_of(pairs_of(request, "headers"), "Authorization").starts_with(kSignatureV4Algorithm) ||
                    value_of(parameters, "X-Amz-Algorithm") == kSignatureV4Algorithm;
  return is_4 ? signature_of_version_4(request, parameters, secret) : std::nullopt;
}

std::optional<std::string> s3_signature(const Json& request, std::string_view secret) {
  std::string token = text_at(request, "token");
  std::ranges::replace(token, '-', '+');
  std::ranges::replace(token, '_', '/');
  const std::optional<std::string> text = from_base64(token);
  if (!text) return std::nullopt;
  if (!text->starts_with("AWS4")) return to_base64(hmac_sha1(secret, *text));
  const std::vector<std::string_view> lines = split(*text, '\n');
  if (lines.size() != 4 || lines[0] != kSignatureV4Algorithm) return std::nullopt;
  const std::vector<std::string_view> scope = split(lines[2], '/');
  const bool is_known = scope.size() == 4 && scope[3] == kSignatureV4Terminator &&
                        (scope[2] == "s3" || scope[2] == "iam" || scope[2] == "sts");
  if (!is_known) return std::nullopt;
  return signature_v4(secret, {scope[0], scope[1], scope[2]}, *text);
}

std::string ec2_timestamp(const Json& request) {
  const Pairs parameters = pairs_of(request, "params");
  for (std::string said : {value_of(parameters, "Timestamp"), value_of(pairs_of(request, "headers"), "X-Amz-Date"),
                           value_of(parameters, "X-Amz-Date")})
    if (!said.empty()) return said;
  return "";
}

}  // namespace kilonova::api::openstack
