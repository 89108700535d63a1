// Keystone: tokens. They are the api-server's own signed ones: what is here is how somebody gets one, and what becomes
// of it.
#include <fmt/format.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
#include "api-server/front/openstack/identity/token_facts.h"
#include "api-server/front/openstack/identity/token_scope.h"
#include "api-server/front/openstack/request_meta.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {
namespace {

using Proved = std::expected<Proof, Refusal>;

// What a log-in refuses is said in one and the same way, but for too many of them.
Refusal login_refusal(const Error& error) {
  if (error.code == ErrorCode::kResourceExhausted) {
    Refusal refusal{429, error.message};
    refusal.headers.emplace_back("Retry-After", "1");
    return refusal;
  }
  bool is_login = error.code == ErrorCode::kUnauthenticated || error.code == ErrorCode::kPermissionDenied ||
                  error.code == ErrorCode::kInvalidArgument;
  return is_login ? no_authentication().error() : refusal_of(error);
}

// ---- how somebody proves who it is

// "" = the user's name; else its id as the cloud writes it. 401 for an id that is none: it would be taken for a name.
std::expected<std::string, Refusal> login_name(const Json& user) {
  if (auto named = check_named(user, "user"); !named) return std::unexpected(std::move(named.error()));
  const Json* id = member(user, "id");
  if (id == nullptr || !id->is_string()) return text_at(user, "name");
  std::optional<Uuid> uuid = parse_uuid(id->get_ref<const std::string&>());
  if (!uuid) return no_authentication();
  return to_string(*uuid);
}

Task<Proved> by_password(Call& own, const Json& auth) {
  const Json* user = member_at(auth, {"identity", "password", "user"});
  if (user == nullptr || !user->is_object()) co_return expecting("user", "password");
  if (const Json* said = member(*user, "password"); said != nullptr && !said->is_string())
    co_return refused(
        400, fmt::format("Invalid input for field 'identity/password/user/password': {} is not of type 'string'",
                         python_repr(*said)));
  auto name = login_name(*user);
  if (!name) co_return std::unexpected(std::move(name.error()));
  LoginRequest request{std::move(*name), text_at(*user, "password"), "", source_of(own.request), own.request.client};
  Expected<Identified> known = co_await own.core.identify(own.meta, std::move(request));
  if (!known) co_return std::unexpected(login_refusal(known.error()));
  auto is_there = co_await is_in_named_domain(own, known->user.id, *user);
  if (!is_there) co_return std::unexpected(std::move(is_there.error()));
  if (!*is_there) co_return no_authentication();
  co_return Proof{known->user.id, kByPassword, known->generation};
}

Task<Proved> by_token(Call& own, const Json& auth) {
  const Json* id = member_at(auth, {"identity", "token", "id"});
  if (id == nullptr || !id->is_string()) co_return expecting("id", "token");
  Expected<TokenClaims> claims = own.core.check_token(id->get_ref<const std::string&>());
  if (!claims) co_return std::unexpected(login_refusal(claims.error()));
  if (claims->delegation != Delegation::kNone)
    co_return refused(403, "You are not authorized to perform the requested action: rescope a scoped token.");
  Proof proof{claims->user_id, kByToken, claims->generation};
  proof.parent = std::move(*claims);
  co_return proof;
}

// The application credential of this name, of the user that is named with it.
Task<std::expected<std::optional<StoredObject>, Refusal>> credential_named(Call& own, const Json& what) {
  const Json* user = member(what, "user");
  if (user == nullptr || !user->is_object()) co_return expecting("user", "application_credential");
  auto login = login_name(*user);
  if (!login) co_return std::unexpected(std::move(login.error()));
  auto found = co_await ask(own, ListUsers{.user = std::move(*login)});
  if (!found && found.error().status != 404 && found.error().status != 400)
    co_return std::unexpected(std::move(found.error()));
  if (!found || found->users.empty()) co_return std::nullopt;
  Uuid owner = found->users.front().id;
  auto is_there = co_await is_in_named_domain(own, owner, *user);
  if (!is_there) co_return std::unexpected(std::move(is_there.error()));
  if (!*is_there) co_return std::nullopt;
  auto all = co_await all_objects(own, kApplicationCredentials, to_hex(owner));
  if (!all) co_return std::unexpected(std::move(all.error()));
  for (StoredObject& one : *all)
    if (text_at(one.body, "name") == text_at(what, "name")) co_return std::move(one);
  co_return std::nullopt;
}

// What a failed try with it counts against: itself, by id or by name; else the words that name none. So strangers'
// guesses keep nobody else from a guess, and a name that is none answers as one that is.
std::string tried_as(const std::optional<Uuid>& id, const Json& what) {
  const Json* user = member(what, "user");
  std::string words = text_at(what, "id") + "\n" + text_at(what, "name") + "\n" + (user ? to_text(*user) : "");
  return "application credential " + (id ? to_hex(*id) : stable_id(words));
}

Task<Proved> by_application_credential(Call& own, const Json& auth) {
  const Json* what = member_at(auth, {"identity", "application_credential"});
  if (what == nullptr || !what->is_object()) co_return expecting("application_credential", "identity");
  std::string secret = text_at(*what, "secret"), named = text_at(*what, "id");
  if (secret.empty()) co_return expecting("secret", "application_credential");
  if (named.empty() && text_at(*what, "name").empty()) co_return expecting("id or name", "application_credential");
  std::optional<StoredObject> found;
  std::optional<Uuid> id = parse_uuid(named);
  if (named.empty()) {
    auto by_name = co_await credential_named(own, *what);
    if (!by_name) co_return std::unexpected(std::move(by_name.error()));
    found = std::move(*by_name);
    if (found) id = parse_uuid(found->id);
  }
  if (id) {  // again, whether it has expired
    auto by_id = co_await find_delegation(own, Delegation::kApplicationCredential, *id);
    if (!by_id) co_return std::unexpected(std::move(by_id.error()));
    found = std::move(*by_id);
  }
  std::optional<Uuid> owner = found ? parse_uuid(found->owner) : std::nullopt;
  uint64_t generation = owner ? own.core.generation_of(*owner) : 0;
  LoginRequest request{tried_as(id, *what), std::move(secret), "", source_of(own.request), std::nullopt};
  Expected<> right =
      co_await own.core.check_secret(std::move(request), owner ? text_at(found->body, "secret_hash") : std::string());
  if (!right) co_return std::unexpected(login_refusal(right.error()));
  if (!owner) co_return no_authentication();
  Proof proof{*owner, kByApplicationCredential, generation};
  proof.credential = std::move(found);
  co_return proof;
}

// Every method that is named has to prove the same user.
Task<Proved> prove(Call& own, const Json& auth) {
  const Json* methods = member_at(auth, {"identity", "methods"});
  if (methods == nullptr) co_return expecting("methods", "identity");
  if (!methods->is_array() || methods->empty()) co_return no_authentication();
  std::set<std::string> names;
  for (const Json& name : *methods) {
    if (!name.is_string()) co_return no_authentication();
    names.insert(name.get<std::string>());
  }
  std::optional<Proof> proof;
  for (const std::string& name : names) {
    Proved one = no_authentication();
    if (name == "password") one = co_await by_password(own, auth);
    if (name == "token") one = co_await by_token(own, auth);
    if (name == "application_credential") one = co_await by_application_credential(own, auth);
    if (!one) co_return one;
    if (proof && proof->user != one->user) co_return no_authentication();
    if (!proof) {
      proof = std::move(*one);
      continue;
    }
    proof->methods |= one->methods;
    if (one->parent) proof->parent = std::move(one->parent);
    if (one->credential) proof->credential = std::move(one->credential);
  }
  co_return std::move(*proof);
}

// ---- what becomes of it

Task<Answered> issue(Call& call) {
  const Json* auth = member(call.body, "auth");
  if (auth == nullptr || !auth->is_object()) co_return expecting("auth", "request body");
  if (member(*auth, "identity") == nullptr) co_return expecting("identity", "auth");
  auto wanted = wanted_scope(*auth);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  Call own = as_itself(call);
  Proved proof = co_await prove(own, *auth);
  if (!proof) co_return std::unexpected(std::move(proof.error()));
  auto claims = co_await claims_for(own, std::move(*proof), std::move(*wanted));
  if (!claims) co_return std::unexpected(std::move(claims.error()));
  std::string token = call.core.issue(call.meta, *claims);
  co_return co_await token_answer(own, 201, std::move(*claims), std::move(token), true);
}

// The token that is asked about; a user may ask about its own, an admin about any.
std::expected<std::pair<std::string, TokenClaims>, Refusal> subject_of(Call& call) {
  std::string token(call.request.header("X-Subject-Token"));
  Expected<TokenClaims> claims = call.core.check_token(token);
  if (!claims && claims.error().code == ErrorCode::kUnauthenticated)
    return could_not_find("token", token.substr(0, 64));
  if (!claims) return std::unexpected(refusal_of(claims.error()));
  if (!call.is_admin() && claims->user_id != call.caller.user_id) return not_authorized(call);
  return std::pair(std::move(token), std::move(*claims));
}

// Who does not say that it minds access rules is not told of a token that has some: it would let everything pass.
Task<Answered> show(Call& call) {
  auto subject = subject_of(call);
  if (!subject) co_return std::unexpected(std::move(subject.error()));
  auto& [token, claims] = *subject;
  if (claims.has_access_rules && call.request.header("OpenStack-Identity-Access-Rules").empty())
    co_return could_not_find("token", token.substr(0, 64));
  Call own = as_itself(call);
  co_return co_await token_answer(own, 200, std::move(claims), std::move(token), false);
}

Task<Answered> revoke(Call& call) {
  auto subject = subject_of(call);
  if (!subject) co_return std::unexpected(std::move(subject.error()));
  if (auto revoked = co_await call.core.revoke(call.meta, std::move(subject->second)); !revoked)
    co_return std::unexpected(refusal_of(revoked.error()));
  co_return Answer{204, nullptr};
}

constexpr Route kRoutes[] = {
    {Service::kIdentity, "POST", "/v3/auth/tokens", UserRole::kNone, "", &issue},
    any_token("GET", "/v3/auth/tokens", "identity:validate_token", &show),
    any_token("DELETE", "/v3/auth/tokens", "identity:revoke_token", &revoke),
};

}  // namespace

Task<Answered> token_answer(Call& own, unsigned status, TokenClaims claims, std::string token, bool is_new) {
  auto body = co_await token_body(own, std::move(claims));
  if (!body) co_return std::unexpected(std::move(body.error()));
  if (!*body && is_new) co_return no_authentication();
  if (!*body) co_return could_not_find("token", token.substr(0, 64));
  Answer answer{status, std::move(**body)};
  answer.headers.emplace_back("X-Subject-Token", std::move(token));
  co_return answer;
}

std::span<const Route> token_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
