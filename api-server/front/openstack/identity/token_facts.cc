#include "api-server/front/openstack/identity/token_facts.h"

#include <utility>

#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/domains.h"
#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/times.h"
#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

// Nothing where it is not there, or disabled.
Task<std::expected<std::optional<Json>, Refusal>> usable_domain(Call& own, std::string id) {
  auto domain = co_await find_domain(own, std::move(id));
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  if (!*domain || !(*domain)->enabled) co_return std::nullopt;
  co_return (*domain)->reference();
}

Json methods_of(uint8_t methods) {
  Json names = Json::array();
  if ((methods & kByToken) != 0) names.push_back("token");
  if ((methods & kByPassword) != 0) names.push_back("password");
  if ((methods & kByApplicationCredential) != 0) names.push_back("application_credential");
  if ((methods & kByEc2Credential) != 0) names.push_back("ec2credential");
  return names;
}

// base64url of the uuid's bytes would be Keystone's form; clients take any text.
Json audit_ids(const TokenClaims& claims) {
  Json ids = Json::array({to_hex(claims.audit_id)});
  if (!claims.first_audit_id.is_nil()) ids.push_back(to_hex(claims.first_audit_id));
  return ids;
}

Json trust_facts(const StoredObject& trust) {
  return {{"id", trust.id},
          {"impersonation", boolean_at(trust.body, "impersonation", false)},
          {"trustor_user", {{"id", text_at(trust.body, "trustor_user_id")}}},
          {"trustee_user", {{"id", text_at(trust.body, "trustee_user_id")}}}};
}

Json credential_facts(const StoredObject& credential) {
  Json facts{{"id", credential.id},
             {"name", text_at(credential.body, "name")},
             {"restricted", !boolean_at(credential.body, "unrestricted", false)}};
  const Json* rules = member(credential.body, "access_rules");
  if (rules != nullptr && !rules->empty()) facts["access_rules"] = *rules;
  return facts;
}

// False where it is gone.
Task<std::expected<bool, Refusal>> add_delegation(Call& own, const TokenClaims& claims, Json& token) {
  if (claims.delegation == Delegation::kNone) co_return true;
  auto found = co_await find_delegation(own, claims.delegation, claims.delegation_id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return false;
  bool is_trust = claims.delegation == Delegation::kTrust;
  // Of a trust both have to be there, whoever of them the token names.
  for (const char* key : {"trustor_user_id", "trustee_user_id"}) {
    if (!is_trust) break;
    auto user = co_await usable_user(own, parse_uuid(text_at((*found)->body, key)).value_or(Uuid()));
    if (!user) co_return std::unexpected(std::move(user.error()));
    if (!*user) co_return false;
  }
  if (is_trust) token["OS-TRUST:trust"] = trust_facts(**found);
  if (!is_trust) token["application_credential"] = credential_facts(**found);
  co_return true;
}

// False where it is gone, or disabled.
Task<std::expected<bool, Refusal>> add_scope(Call& own, const TokenClaims& claims, Json& token) {
  std::expected<std::optional<Json>, Refusal> place{std::nullopt};
  switch (claims.scope) {
    case TokenScope::kUnscoped: co_return true;
    case TokenScope::kSystem: token["system"] = {{"all", true}}; co_return true;
    case TokenScope::kProject:
      place = co_await usable_project(own, claims.project_id);
      if (place && *place) token["project"] = std::move(**place);
      if (claims.delegation != Delegation::kTrust) token["is_domain"] = false;
      break;
    case TokenScope::kDomain:
      place = co_await usable_domain(own, claims.domain);
      if (place && *place) token["domain"] = std::move(**place);
      break;
  }
  if (!place) co_return std::unexpected(std::move(place.error()));
  co_return place->has_value();
}

// Of a user or a project.
Task<std::expected<std::optional<Json>, Refusal>> usable_domain_of(Call& own, ExtrasOf kind, std::string id) {
  auto extras = co_await find_extras(own, kind, std::move(id));
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  co_return co_await usable_domain(own, domain_in(extras->body));
}

}  // namespace

Task<std::expected<std::optional<Json>, Refusal>> usable_user(Call& own, Uuid id) {
  auto user = co_await find_user(own, to_hex(id));
  if (!user && user.error().status == 404) co_return std::nullopt;
  if (!user) co_return std::unexpected(std::move(user.error()));
  auto domain = co_await usable_domain_of(own, ExtrasOf::kUser, to_hex(id));
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  if (!user->enabled || !*domain) co_return std::nullopt;
  co_return Json{
      {"domain", std::move(**domain)}, {"id", to_hex(id)}, {"name", user->name}, {"password_expires_at", nullptr}};
}

Task<std::expected<std::optional<Json>, Refusal>> usable_project(Call& own, Uuid id) {
  auto project = co_await find_project(own, to_hex(id));
  if (!project && project.error().status == 404) co_return std::nullopt;
  if (!project) co_return std::unexpected(std::move(project.error()));
  auto domain = co_await usable_domain_of(own, ExtrasOf::kProject, to_hex(id));
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  if (!project->enabled || !*domain) co_return std::nullopt;
  co_return Json{{"domain", std::move(**domain)}, {"id", to_hex(id)}, {"name", project->name}};
}

Task<std::expected<std::optional<Json>, Refusal>> token_body(Call& own, TokenClaims claims) {
  Json token{{"methods", methods_of(claims.methods)}};
  auto user = co_await usable_user(own, claims.user_id);
  if (!user) co_return std::unexpected(std::move(user.error()));
  if (!*user) co_return std::nullopt;
  token["user"] = std::move(**user);
  token["audit_ids"] = audit_ids(claims);
  token["expires_at"] = time_of_token(claims.expires_at);
  token["issued_at"] = time_of_token(claims.issued_at);
  auto placed = co_await add_scope(own, claims, token);
  if (!placed) co_return std::unexpected(std::move(placed.error()));
  if (!*placed) co_return std::nullopt;
  auto delegated = co_await add_delegation(own, claims, token);
  if (!delegated) co_return std::unexpected(std::move(delegated.error()));
  if (!*delegated) co_return std::nullopt;
  if (claims.scope == TokenScope::kUnscoped) co_return Json{{"token", std::move(token)}};
  auto roles = co_await roles_of_token(own, claims);
  if (!roles) co_return std::unexpected(std::move(roles.error()));
  auto references = co_await role_references(own, std::move(*roles));
  if (!references) co_return std::unexpected(std::move(references.error()));
  if (references->empty()) co_return std::nullopt;
  token["roles"] = std::move(*references);
  if (own.in_query("nocatalog") == nullptr) token["catalog"] = catalog_of(own.base);
  co_return Json{{"token", std::move(token)}};
}

Task<std::expected<std::vector<Json>, Refusal>> projects_held_by(Call& own, std::string user) {
  auto held = co_await roles_held_by(own, std::move(user));
  if (!held) co_return std::unexpected(std::move(held.error()));
  std::vector<Json> views;
  for (const auto& [id, roles] : held->projects) {
    auto project = co_await find_project(own, id);
    if (!project && project.error().status == 404) continue;
    if (!project) co_return std::unexpected(std::move(project.error()));
    auto extras = co_await find_extras(own, ExtrasOf::kProject, id);
    if (!extras) co_return std::unexpected(std::move(extras.error()));
    views.push_back(whole_project(own, *project, extras->body));
  }
  co_return views;
}

}  // namespace kilonova::api::openstack
