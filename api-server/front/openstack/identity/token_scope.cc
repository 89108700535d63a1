#include "api-server/front/openstack/identity/token_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/held_roles.h"
#include "api-server/front/openstack/identity/token_facts.h"
#include "api-server/front/openstack/schema.h"
#include "base/ids.h"
#include "domain/nouns/project.h"

namespace kilonova::api::openstack {
namespace {

using Claimed = std::expected<TokenClaims, Refusal>;

// Nothing where there is none such.
Task<std::expected<std::optional<Uuid>, Refusal>> project_named_by(Call& own, Json what) {
  if (const Json* id = member(what, "id"); id != nullptr && id->is_string())
    co_return parse_uuid(id->get_ref<const std::string&>());
  std::string name = text_at(what, "name");
  auto found = co_await ask(own, ListProjects{.project = name});
  // What no project's name can be is none's.
  if (!found && (found.error().status == 404 || found.error().status == 400)) co_return std::nullopt;
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (found->projects.empty() || found->projects.front().name != name) co_return std::nullopt;
  Uuid id = found->projects.front().id;
  const Json* in = member(what, "domain");
  auto domain = co_await domain_named_by(own, in == nullptr ? Json() : *in);
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  auto extras = co_await find_extras(own, ExtrasOf::kProject, to_hex(id));
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  if (!*domain || (*domain)->id != domain_in(extras->body)) co_return std::nullopt;
  co_return id;
}

TokenClaims begun(const Proof& proof) {
  TokenClaims claims;
  claims.user_id = proof.user;
  claims.scope = TokenScope::kUnscoped;
  claims.generation = proof.generation;
  claims.methods = proof.methods;
  if (proof.parent) {
    claims.methods |= proof.parent->methods;
    claims.expires_at = proof.parent->expires_at;
    const Uuid& first = proof.parent->first_audit_id;
    claims.first_audit_id = first.is_nil() ? proof.parent->audit_id : first;
  }
  return claims;
}

// Its roles by now; 401 without any.
Task<Claimed> with_role(Call& own, TokenClaims claims) {
  auto roles = co_await roles_of_token(own, claims);
  if (!roles) co_return std::unexpected(std::move(roles.error()));
  if (roles->empty()) co_return no_authentication();
  claims.role = highest_role(*roles);
  co_return claims;
}

Task<Claimed> for_project(Call& own, TokenClaims claims, Uuid project) {
  auto usable = co_await usable_project(own, project);
  if (!usable) co_return std::unexpected(std::move(usable.error()));
  if (!*usable) co_return no_authentication();
  claims.scope = TokenScope::kProject;
  claims.project_id = project;
  co_return co_await with_role(own, std::move(claims));
}

// The user's default project where it has a role, else nothing.
Task<Claimed> for_default(Call& own, TokenClaims claims) {
  auto extras = co_await find_extras(own, ExtrasOf::kUser, to_hex(claims.user_id));
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  std::optional<Uuid> project = parse_uuid(text_at(extras->body, "default_project_id"));
  if (!project) co_return claims;
  auto scoped = co_await for_project(own, claims, *project);
  if (!scoped && scoped.error().status == 401) co_return claims;
  co_return scoped;
}

void end_with(Call& own, const StoredObject& delegation, TokenClaims& claims) {
  WallTime end = end_of(delegation);
  if (end == WallTime{}) return;
  if (claims.expires_at == WallTime{}) claims.expires_at = own.loop.wall_now() + own.core.token_lifetime();
  claims.expires_at = std::min(claims.expires_at, end);
}

Task<Claimed> for_credential(Call& own, Proof proof, WantedScope wanted) {
  TokenClaims claims = begun(proof);
  const StoredObject& credential = *proof.credential;
  std::optional<Uuid> project = parse_uuid(text_at(credential.body, "project_id"));
  if (wanted.kind == WantedScope::Kind::kProject) {
    auto named = co_await project_named_by(own, std::move(wanted.what));
    if (!named) co_return std::unexpected(std::move(named.error()));
    if (*named != project) co_return no_authentication();
  } else if (wanted.kind != WantedScope::Kind::kAbsent) {
    co_return no_authentication();
  }
  std::optional<Uuid> id = parse_uuid(credential.id);
  if (!project || !id) co_return no_authentication();
  claims.delegation = Delegation::kApplicationCredential;
  claims.delegation_id = *id;
  const Json* rules = member(credential.body, "access_rules");
  claims.has_access_rules = rules != nullptr && !rules->empty();
  end_with(own, credential, claims);
  co_return co_await for_project(own, std::move(claims), *project);
}

std::unexpected<Refusal> forbidden(std::string_view why) {
  return refused(403, fmt::format("You are not authorized to perform the requested action: {}.", why));
}

// One use less, where they are counted.
Task<Checked> use(Call& own, StoredObject trust) {
  for (int tries_left = 5;; --tries_left) {
    const Json* left = member(trust.body, "remaining_uses");
    if (left == nullptr || !left->is_number_integer()) co_return Checked();
    int64_t uses = left->get<int64_t>();
    if (uses <= 0) co_return forbidden("the trust was used as often as it may be");
    trust.body["remaining_uses"] = uses - 1;
    std::string id = trust.id;
    auto put = co_await put_object(own, kTrusts, std::move(trust));
    if (put) co_return Checked();
    if (put.error().status != 409 || tries_left == 0) co_return std::unexpected(std::move(put.error()));
    // Another one used it meanwhile.
    auto again = co_await find_object(own, kTrusts, std::move(id));
    if (!again) co_return std::unexpected(std::move(again.error()));
    if (!*again) co_return no_authentication();
    trust = std::move(**again);
  }
}

// The roles of a trust are all of them, or it is good for nothing.
Task<Checked> check_trustor(Call& own, const StoredObject& trust, TokenClaims claims) {
  auto roles = co_await roles_of_token(own, std::move(claims));
  if (!roles) co_return std::unexpected(std::move(roles.error()));
  for (const std::string& given : given_roles(trust))
    if (!has_role(*roles, given)) co_return forbidden("the trustor has no more the roles of the trust");
  co_return Checked();
}

Task<Claimed> for_trust(Call& own, Proof proof, Json what) {
  std::optional<Uuid> id = parse_uuid(text_at(what, "id"));
  if (!id) co_return no_authentication();
  auto found = co_await find_delegation(own, Delegation::kTrust, *id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return no_authentication();
  StoredObject trust = std::move(**found);
  if (text_at(trust.body, "trustee_user_id") != to_hex(proof.user)) co_return forbidden("User is not a trustee");
  TokenClaims claims = begun(proof);
  claims.delegation = Delegation::kTrust;
  claims.delegation_id = *id;
  end_with(own, trust, claims);
  if (boolean_at(trust.body, "impersonation", false)) {
    claims.user_id = parse_uuid(text_at(trust.body, "trustor_user_id")).value_or(Uuid());
    claims.generation = own.core.generation_of(claims.user_id);
  }
  if (std::optional<Uuid> project = parse_uuid(text_at(trust.body, "project_id"))) {
    auto scoped = co_await for_project(own, claims, *project);
    if (!scoped) co_return scoped;
    claims = std::move(*scoped);
    if (auto whole = co_await check_trustor(own, trust, claims); !whole)
      co_return std::unexpected(std::move(whole.error()));
  }
  if (auto used = co_await use(own, std::move(trust)); !used) co_return std::unexpected(std::move(used.error()));
  co_return claims;
}

Task<Claimed> for_domain(Call& own, TokenClaims claims, Json what) {
  auto domain = co_await domain_named_by(own, std::move(what));
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  if (!*domain || !(*domain)->enabled || (*domain)->id.size() > kMaxDomainIdLength) co_return no_authentication();
  claims.scope = TokenScope::kDomain;
  claims.domain = (*domain)->id;
  co_return co_await with_role(own, std::move(claims));
}

}  // namespace

std::unexpected<Refusal> no_authentication() {
  return refused(401, "The request you have made requires authentication.");
}

std::unexpected<Refusal> expecting(std::string_view what, std::string_view where) {
  return refused(400,
                 fmt::format("Expecting to find {} in {}. The server could not comply with the request since it is "
                             "either malformed or otherwise incorrect. The client is assumed to be in error.",
                             what, where));
}

std::expected<void, Refusal> check_named(const Json& what, std::string_view noun) {
  if (const Json* id = member(what, "id"); id != nullptr && id->is_string()) return {};
  if (text_at(what, "name").empty()) return expecting("id or name", noun);
  const Json* domain = member(what, "domain");
  if (domain == nullptr || !domain->is_object()) return expecting("domain", noun);
  return {};
}

Task<std::expected<std::optional<Domain>, Refusal>> domain_named_by(Call& own, Json domain) {
  std::string id = text_at(domain, "id"), name = text_at(domain, "name");
  if (!id.empty()) co_return co_await find_domain(own, std::move(id));
  if (!name.empty()) co_return co_await find_domain_named(own, std::move(name));
  co_return std::nullopt;
}

Task<std::expected<bool, Refusal>> is_in_named_domain(Call& own, Uuid user, Json what) {
  if (const Json* id = member(what, "id"); id != nullptr && id->is_string()) co_return true;
  const Json* in = member(what, "domain");
  auto domain = co_await domain_named_by(own, in == nullptr ? Json() : *in);
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  auto extras = co_await find_extras(own, ExtrasOf::kUser, to_hex(user));
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  co_return *domain && (*domain)->id == domain_in(extras->body);
}

std::expected<WantedScope, Refusal> wanted_scope(const Json& auth) {
  const Json* scope = member(auth, "scope");
  if (scope == nullptr || scope->is_null()) return WantedScope{};
  if (*scope == "unscoped" || member(*scope, "unscoped") != nullptr)
    return WantedScope{WantedScope::Kind::kUnscoped, {}};
  if (!scope->is_object()) return expecting("project, domain, system, unscoped or OS-TRUST:trust", "scope");
  if (scope->size() > 1)
    return refused(400, "A scope is one of project, domain, system, unscoped and OS-TRUST:trust, not several.");
  for (auto [key, kind] :
       {std::pair("project", WantedScope::Kind::kProject), std::pair("domain", WantedScope::Kind::kDomain),
        std::pair("system", WantedScope::Kind::kSystem), std::pair("OS-TRUST:trust", WantedScope::Kind::kTrust)}) {
    const Json* what = member(*scope, key);
    if (what == nullptr) continue;
    if (!what->is_object()) return expecting(key, "scope");
    if (kind == WantedScope::Kind::kProject)
      if (auto named = check_named(*what, "project"); !named) return std::unexpected(std::move(named.error()));
    if (kind == WantedScope::Kind::kDomain && text_at(*what, "id").empty() && text_at(*what, "name").empty())
      return expecting("id or name", "domain");
    if (kind == WantedScope::Kind::kSystem && !boolean_at(*what, "all", false)) return expecting("all", "system");
    if (kind == WantedScope::Kind::kTrust && text_at(*what, "id").empty()) return expecting("id", "OS-TRUST:trust");
    return WantedScope{kind, *what};
  }
  return expecting("project, domain, system, unscoped or OS-TRUST:trust", "scope");
}

Task<Claimed> claims_for(Call& own, Proof proof, WantedScope wanted) {
  auto user = co_await usable_user(own, proof.user);
  if (!user) co_return std::unexpected(std::move(user.error()));
  if (!*user) co_return no_authentication();
  if (proof.credential) co_return co_await for_credential(own, std::move(proof), std::move(wanted));
  bool is_of_system = proof.parent && proof.parent->scope == TokenScope::kSystem;
  if (is_of_system && (wanted.kind == WantedScope::Kind::kProject || wanted.kind == WantedScope::Kind::kDomain))
    co_return forbidden("rescope a token of the system to a project or domain");
  TokenClaims claims = begun(proof);
  switch (wanted.kind) {
    case WantedScope::Kind::kAbsent: co_return co_await for_default(own, std::move(claims));
    case WantedScope::Kind::kUnscoped: co_return claims;
    case WantedScope::Kind::kTrust: co_return co_await for_trust(own, std::move(proof), std::move(wanted.what));
    case WantedScope::Kind::kDomain: co_return co_await for_domain(own, std::move(claims), std::move(wanted.what));
    case WantedScope::Kind::kSystem:
      claims.scope = TokenScope::kSystem;
      co_return co_await with_role(own, std::move(claims));
    case WantedScope::Kind::kProject: break;
  }
  auto project = co_await project_named_by(own, std::move(wanted.what));
  if (!project) co_return std::unexpected(std::move(project.error()));
  if (!*project) co_return no_authentication();
  co_return co_await for_project(own, std::move(claims), **project);
}

}  // namespace kilonova::api::openstack
