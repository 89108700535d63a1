// Keystone: a token for whoever signed a request with an EC2 credential, to EC2 or to an object store. A service that was
// sent the request asks for it; the signature is proof enough of who sent it.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

#include "api-server/core/token.h"
#include "api-server/front/openstack/identity/ec2_access.h"
#include "api-server/front/openstack/identity/ec2_signature.h"
#include "api-server/front/openstack/identity/held_roles.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
#include "api-server/front/openstack/identity/token_facts.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/times.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kServiceRole = "service";
constexpr Duration kSignatureLifetime = seconds(15 * 60);  // Keystone's credential.auth_ttl

std::unexpected<Refusal> unauthorized(std::string message) { return refused(401, std::move(message)); }

// Administrators and services may ask.
Task<Checked> check_caller(Call& call, Call& own) {
  if (call.is_admin()) co_return Checked();
  auto claims = call.core.check_token(std::string(call.request.header("X-Auth-Token")));
  if (!claims) co_return not_authorized(call);
  auto held = co_await roles_of_token(own, std::move(*claims));
  if (!held) co_return std::unexpected(std::move(held.error()));
  auto named = co_await role_references(own, std::move(*held));
  if (!named) co_return std::unexpected(std::move(named.error()));
  for (const Json& role : *named)
    if (text_at(role, "name") == kServiceRole) co_return Checked();
  co_return not_authorized(call);
}

// "20261130T071500Z" is a time of signatures of version 4.
std::optional<WallTime> read_timestamp(std::string text) {
  constexpr size_t kCompact = sizeof("20261130T071500Z") - 1;
  if (text.size() == kCompact && text[8] == 'T')
    text = fmt::format("{}-{}-{}:{}:{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 5), text.substr(11, 2),
                       text.substr(13));
  return parse_time(text);
}

// What does not say when it was signed left that out on purpose.
Checked check_timestamp(const Json& request, WallTime now) {
  const std::string said = ec2_timestamp(request);
  if (said.empty()) return {};
  const std::optional<WallTime> signed_at = read_timestamp(said);
  if (!signed_at) return unauthorized(fmt::format("Credential timestamp is invalid: {}", said.substr(0, 64)));
  if (now > *signed_at + kSignatureLifetime) return unauthorized("Credential is expired");
  return {};
}

using Signature = std::optional<std::string> (*)(const Json& request, std::string_view secret);

bool is_signed_with(const Json& request, const std::string& secret, Signature signature) {
  const std::optional<std::string> made = signature(request, secret);
  return made && equal_in_constant_time(*made, text_at(request, "signature"));
}

// Some clients leave the port out of what they sign.
Checked check_ec2_signature(Json request, const std::string& secret) {
  if (text_at(request, "signature").empty()) return unauthorized("EC2 signature not supplied.");
  if (is_signed_with(request, secret, &ec2_signature)) return {};
  const std::string host = text_at(request, "host");
  request["host"] = host.substr(0, host.find(':'));
  if (is_signed_with(request, secret, &ec2_signature)) return {};
  return unauthorized("Invalid EC2 signature.");
}

Checked check_s3_signature(Json request, const std::string& secret) {
  if (is_signed_with(request, secret, &s3_signature)) return {};
  return unauthorized("Credential signature mismatch");
}

const Json* described_request(const Json& body) {
  for (std::string_view key : {"credentials", "credential", "ec2Credentials"})
    if (const Json* said = member(body, key); said != nullptr && said->is_object() && !said->empty()) return said;
  return nullptr;
}

Task<Answered> issue(Call& call, Checked (*check_signature)(Json request, const std::string& secret)) {
  Call own = as_itself(call);
  if (auto may = co_await check_caller(call, own); !may) co_return std::unexpected(std::move(may.error()));
  if (!call.body.is_object() || call.body.empty()) co_return refused(400, "request must include a request body");
  const Json* said = described_request(call.body);
  if (said == nullptr || text_at(*said, "access").empty()) co_return unauthorized("EC2 Signature not supplied");
  const Json request = *said;
  const std::string access_key = text_at(request, "access");
  auto access = co_await find_ec2_access(own, access_key);
  if (!access) co_return std::unexpected(std::move(access.error()));
  if (!*access) co_return could_not_find("credential", id_of_ec2_credential(access_key));
  if (auto right = check_signature(request, (*access)->secret); !right)
    co_return std::unexpected(std::move(right.error()));
  if (auto in_time = check_timestamp(request, call.loop.wall_now()); !in_time)
    co_return std::unexpected(std::move(in_time.error()));
  auto claims = co_await claims_of_ec2_access(own, std::move(**access));
  if (!claims) co_return std::unexpected(std::move(claims.error()));
  std::string token = call.core.issue(call.meta, *claims);
  co_return co_await token_answer(own, 200, std::move(*claims), std::move(token), true);
}

Task<Answered> issue_for_ec2(Call& call) { return issue(call, &check_ec2_signature); }

// Without the token's id: the object store is to know whose the request is, no more.
Task<Answered> issue_for_s3(Call& call) {
  auto answer = co_await issue(call, &check_s3_signature);
  if (answer) answer->headers.clear();
  co_return answer;
}

constexpr Route kRoutes[] = {
    any_token("POST", "/v3/ec2tokens", "identity:ec2_token", &issue_for_ec2),
    any_token("POST", "/v3/s3tokens", "identity:s3tokens_validate", &issue_for_s3),
};

}  // namespace

std::span<const Route> ec2_token_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
