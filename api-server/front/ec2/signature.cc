#include "api-server/front/ec2/signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "api-server/core/token.h"
#include "api-server/front/openstack/aws_signing.h"
#include "api-server/front/openstack/digest.h"
#include "base/ascii.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::sha256_hex;
using openstack::split;
using openstack::trimmed;

constexpr std::string_view kAlgorithm = openstack::kSignatureV4Algorithm;
constexpr size_t kMaxSignedHeaders = 64;

std::unexpected<Refusal> incomplete(std::string message) { return refused("IncompleteSignature", std::move(message)); }

// Runs of white space are one space.
std::string squeezed(std::string_view text) {
  std::string squeezed;
  for (char c : trimmed(text)) {
    bool is_space = c == ' ' || c == '\t';
    if (!is_space)
      squeezed += c;
    else if (!squeezed.ends_with(' '))
      squeezed += ' ';
  }
  return squeezed;
}

bool are_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "20261130T071500Z"
std::optional<WallTime> parse_timestamp(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z' || !are_digits(text.substr(0, 8)) ||
      !are_digits(text.substr(9, 6)))
    return std::nullopt;
  auto number = [&](size_t at, size_t count) {
    int value = 0;
    for (char c : text.substr(at, count)) value = value * 10 + (c - '0');
    return value;
  };
  const std::chrono::year_month_day day(std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(4, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(6, 2))));
  if (!day.ok() || number(9, 2) > 23 || number(11, 2) > 59 || number(13, 2) > 59) return std::nullopt;
  const int64_t days = std::chrono::sys_days(day).time_since_epoch().count();
  return WallTime{(days * 86'400 + number(9, 2) * 3600 + number(11, 2) * 60 + number(13, 2)) * 1'000'000};
}

// "Credential=KEY/20261130/region/ec2/aws4_request"; a key may have slashes.
bool read_credential(std::string_view text, Authorization& authorization) {
  std::vector<std::string_view> parts = split(text, '/');
  if (parts.size() < 5 || parts.back() != openstack::kSignatureV4Terminator) return false;
  parts.pop_back();
  for (std::string* part : {&authorization.service, &authorization.region, &authorization.date}) {
    *part = parts.back();
    parts.pop_back();
  }
  authorization.access_key = fmt::format("{}", fmt::join(parts, "/"));
  return !authorization.access_key.empty() && !authorization.region.empty();
}

bool covers(const Authorization& authorization, std::string_view header) {
  return std::ranges::find(authorization.signed_headers, header) != authorization.signed_headers.end();
}

std::string canonical_query(const http::Target& target, bool is_signed_itself) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [key, value] : target.query)
    if (!is_signed_itself || key != "X-Amz-Signature")
      pairs.emplace_back(http::percent_encode(key), http::percent_encode(value));
  std::ranges::sort(pairs);
  std::string query;
  for (const auto& [key, value] : pairs) query += fmt::format("{}{}={}", query.empty() ? "" : "&", key, value);
  return query;
}

// All of one name, in their order.
std::string canonical_header(const http::Headers& headers, std::string_view name) {
  std::string values;
  bool is_first = true;
  for (const auto& [key, value] : headers) {
    if (to_lower(key) != name) continue;
    if (!std::exchange(is_first, false)) values += ',';
    values += squeezed(value);
  }
  return fmt::format("{}:{}\n", name, values);
}

Result<Authorization> read_parts(std::string_view rest) {
  Authorization authorization;
  for (std::string_view part : split(rest, ',')) {
    std::string_view text = trimmed(part);
    std::string_view key = text.substr(0, text.find('='));
    std::string_view value = text.substr(std::min(key.size() + 1, text.size()));
    if (key == "Credential") {
      if (!read_credential(value, authorization))
        return incomplete(fmt::format("Credential {} is not KEY/DATE/REGION/ec2/aws4_request.", in_quotes(value)));
    } else if (key == "SignedHeaders") {
      const std::string names = to_lower(std::string(value));
      for (std::string_view name : split(names, ';')) authorization.signed_headers.emplace_back(name);
    } else if (key == "Signature") {
      authorization.signature = value;
    } else {
      return incomplete(fmt::format("The Authorization header has an unknown part {}.", in_quotes(key)));
    }
  }
  return authorization;
}

Result<void> check_scope(const Authorization& authorization) {
  if (authorization.signature.size() != 64) return incomplete("There is no Signature of 64 digits.");
  if (authorization.service == "ec2") return {};
  return incomplete(
      fmt::format("Credential is scoped to the service {}, not to ec2.", in_quotes(authorization.service)));
}

Result<Authorization> with_time(Authorization authorization, std::string_view date) {
  authorization.timestamp = date;
  std::optional<WallTime> signed_at = parse_timestamp(authorization.timestamp);
  if (!signed_at || authorization.timestamp.substr(0, 8) != authorization.date)
    return incomplete(fmt::format("X-Amz-Date {} must have the form 20261130T071500Z, and the date of Credential.",
                                  in_quotes(authorization.timestamp)));
  authorization.signed_at = *signed_at;
  return authorization;
}

// nullptr where the query has it not, or more than once.
const std::string* said_in_query(const http::Target& target, std::string_view name) {
  const std::string* said = nullptr;
  for (const auto& [key, value] : target.query) {
    if (key != name) continue;
    if (said != nullptr) return nullptr;
    said = &value;
  }
  return said;
}

// "Authenticating Requests: Using Query Parameters" of AWS's documentation.
Result<Authorization> read_query(const http::Request& request, const http::Target& target) {
  constexpr uint32_t kMostSeconds = 604'800;
  auto said = [&](std::string_view name) {
    const std::string* text = said_in_query(target, name);
    return text == nullptr || text->size() > kMaxAuthorization ? std::string() : *text;
  };
  if (said("X-Amz-Algorithm") != kAlgorithm)
    return incomplete(fmt::format("X-Amz-Algorithm must be {}, and be said once.", kAlgorithm));
  Authorization authorization{.is_in_query = true};
  const std::string credential = said("X-Amz-Credential"), headers = to_lower(said("X-Amz-SignedHeaders"));
  if (!read_credential(credential, authorization))
    return incomplete(
        fmt::format("X-Amz-Credential {} is not KEY/DATE/REGION/ec2/aws4_request.", in_quotes(credential)));
  for (std::string_view name : split(headers, ';')) authorization.signed_headers.emplace_back(name);
  if (authorization.signed_headers.size() > kMaxSignedHeaders)
    return incomplete(fmt::format("X-Amz-SignedHeaders has more than {} names.", kMaxSignedHeaders));
  authorization.signature = said("X-Amz-Signature");
  if (auto checked = check_scope(authorization); !checked) return std::unexpected(std::move(checked.error()));
  if (!covers(authorization, "host") || request.header("host").empty())
    return incomplete("The header host must be there, and be one of X-Amz-SignedHeaders.");
  const std::string expires = said("X-Amz-Expires");
  uint32_t valid = 0;
  const auto [end, wrong] = std::from_chars(expires.data(), expires.data() + expires.size(), valid);
  if (wrong != std::errc() || end != expires.data() + expires.size() || valid == 0 || valid > kMostSeconds)
    return incomplete(
        fmt::format("X-Amz-Expires {} must be a number of seconds from 1 to {}.", in_quotes(expires), kMostSeconds));
  authorization.valid_for = seconds(valid);
  return with_time(std::move(authorization), said("X-Amz-Date"));
}

}  // namespace

bool is_of_signature(std::string_view parameter) {
  return parameter == "X-Amz-Algorithm" || parameter == "X-Amz-Credential" || parameter == "X-Amz-Date" ||
         parameter == "X-Amz-Expires" || parameter == "X-Amz-SignedHeaders" || parameter == "X-Amz-Signature" ||
         parameter == "X-Amz-Security-Token";
}

Result<Authorization> read_authorization(const http::Request& request, const http::Target& target) {
  std::string_view header = request.header("Authorization");
  if (header.empty() && said_in_query(target, "X-Amz-Algorithm") != nullptr) return read_query(request, target);
  if (header.empty())
    return refused("MissingAuthenticationToken",
                   "The request must have an Authorization header with a signature of "
                   "version 4.");
  if (header.size() > kMaxAuthorization || !header.starts_with(kAlgorithm))
    return incomplete(fmt::format("The Authorization header must begin with {} and have at most {} bytes.", kAlgorithm,
                                  kMaxAuthorization));
  auto authorization = read_parts(header.substr(kAlgorithm.size()));
  if (!authorization) return authorization;
  if (authorization->access_key.empty()) return incomplete("The Authorization header has no Credential.");
  if (authorization->signed_headers.size() > kMaxSignedHeaders)
    return incomplete(fmt::format("SignedHeaders has more than {} names.", kMaxSignedHeaders));
  if (auto checked = check_scope(*authorization); !checked) return std::unexpected(std::move(checked.error()));
  for (std::string_view name : {"host", "x-amz-date"})
    if (!covers(*authorization, name) || request.header(name).empty())
      return incomplete(fmt::format("The header {} must be there, and be one of SignedHeaders.", name));
  return with_time(*std::move(authorization), request.header("X-Amz-Date"));
}

Result<void> check_time(WallTime signed_at, WallTime now, Duration valid_for) {
  const Duration ahead = signed_at - now;
  if (ahead <= kClockSkew && Duration{-ahead.us} <= valid_for) return {};
  return refused("RequestExpired", fmt::format("Request has expired: it was signed at {}, and it is {} here.",
                                               to_iso8601(signed_at), to_iso8601(now)));
}

std::string canonical_request(const http::Request& request, const http::Target& target,
                              const Authorization& authorization) {
  std::string text = fmt::format("{}\n{}\n{}\n", request.method, http::percent_encode(target.raw_path, "/"),
                                 canonical_query(target, authorization.is_in_query));
  for (const std::string& name : authorization.signed_headers) text += canonical_header(request.headers, name);
  text += fmt::format("\n{}\n{}", fmt::join(authorization.signed_headers, ";"), sha256_hex(request.body));
  return text;
}

std::string string_to_sign(const Authorization& authorization, std::string_view canonical_request) {
  const std::string scope = fmt::format("{}/{}/{}/{}", authorization.date, authorization.region, authorization.service,
                                        openstack::kSignatureV4Terminator);
  return openstack::string_to_sign_v4(authorization.timestamp, scope, canonical_request);
}

std::string signature_of(const Authorization& authorization, std::string_view secret, std::string_view string_to_sign) {
  return openstack::signature_v4(secret, {authorization.date, authorization.region, authorization.service},
                                 string_to_sign);
}

bool is_signed_with(const http::Request& request, const http::Target& target, const Authorization& authorization,
                    std::string_view secret) {
  const std::string text = string_to_sign(authorization, canonical_request(request, target, authorization));
  return equal_in_constant_time(signature_of(authorization, secret, text), authorization.signature);
}

}  // namespace kilonova::api::ec2
