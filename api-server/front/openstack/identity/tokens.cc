// Keystone: tokens. They are the api-server's own signed ones: what is here is how Keystone words them.
#include <fmt/format.h>

#include <optional>

#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/routes.h"
#include "api-server/front/openstack/request_meta.h"
#include "api-server/front/openstack/times.h"

namespace kilonova::api::openstack {
namespace {

constexpr const char* kNoAuthentication = "The request you have made requires authentication.";

std::unexpected<Refusal> no_authentication() { return refused(401, kNoAuthentication); }

std::unexpected<Refusal> expecting(std::string_view what, std::string_view where) {
  return refused(400,
                 fmt::format("Expecting to find {} in {}. The server could not comply with the request since it is "
                             "either malformed or otherwise incorrect. The client is assumed to be in error.",
                             what, where));
}

// base64url of the uuid's bytes would be Keystone's form; clients take any text.
Json audit_ids(const LoginReply& login) { return Json::array({to_hex(login.audit_id)}); }

Json token_body(const Call& call, const LoginReply& login, std::string_view method) {
  Json token{{"methods", Json::array({method})},
             {"user",
              {{"domain", domain_reference()},
               {"id", to_hex(login.user_id)},
               {"name", login.user},
               {"password_expires_at", nullptr}}},
             {"audit_ids", audit_ids(login)},
             {"expires_at", time_of_token(login.expires_at)},
             {"issued_at", time_of_token(login.issued_at)},
             {"project", {{"domain", domain_reference()}, {"id", to_hex(login.project_id)}, {"name", login.project}}},
             {"is_domain", false},
             {"roles", roles_with_implied(login.role)}};
  if (call.in_query("nocatalog") == nullptr) token["catalog"] = catalog_of(call.base);
  return {{"token", std::move(token)}};
}

Answer token_answer(const Call& call, unsigned status, const LoginReply& login, std::string_view method) {
  Answer answer{status, token_body(call, login, method)};
  answer.headers.emplace_back("X-Subject-Token", login.token);
  return answer;
}

// A project's or user's id, or its name together with the domain that it is in.
std::expected<std::string, Refusal> named_in_domain(const Json& what, std::string_view noun) {
  if (const Json* id = member(what, "id"); id != nullptr && id->is_string()) {
    // An id that is none would be taken for a name further on.
    if (!parse_uuid(id->get_ref<const std::string&>())) return no_authentication();
    return id->get_ref<const std::string&>();
  }
  std::string name = text_at(what, "name");
  const Json* domain = member(what, "domain");
  if (name.empty()) return expecting(fmt::format("id or name"), noun);
  if (domain == nullptr || !domain->is_object()) return expecting("domain", noun);
  if (!is_default_domain(*domain)) return no_authentication();
  return name;
}

// The project of the scope; "" = whichever the user has. Only projects can be scoped to here.
std::expected<std::string, Refusal> scope_of(const Json& auth) {
  const Json* scope = member(auth, "scope");
  if (scope == nullptr || scope->is_null()) return std::string();
  const Json* project = member(*scope, "project");
  if (project == nullptr || !project->is_object()) {
    if (*scope == "unscoped" || member(*scope, "unscoped") != nullptr) return std::string();
    return no_authentication();
  }
  return named_in_domain(*project, "project");
}

std::optional<std::string> only_method(const Json& auth) {
  const Json* methods = member_at(auth, {"identity", "methods"});
  if (methods == nullptr || !methods->is_array() || methods->size() != 1 || !(*methods)[0].is_string())
    return std::nullopt;
  return (*methods)[0].get_ref<const std::string&>();
}

// What a log-in refuses is said in one and the same way, but for too many of them.
Refusal login_refusal(const Error& error) {
  if (error.code == ErrorCode::kResourceExhausted) {
    Refusal refusal{429, error.message};
    refusal.headers.emplace_back("Retry-After", "1");
    return refusal;
  }
  bool is_login = error.code == ErrorCode::kUnauthenticated || error.code == ErrorCode::kPermissionDenied ||
                  error.code == ErrorCode::kInvalidArgument;
  return is_login ? Refusal{401, kNoAuthentication} : refusal_of(error);
}

Task<Answered> issue_by_password(Call& call, const Json& auth, std::string project) {
  const Json* user = member_at(auth, {"identity", "password", "user"});
  if (user == nullptr || !user->is_object()) co_return expecting("user", "password");
  auto name = named_in_domain(*user, "user");
  if (!name) co_return std::unexpected(std::move(name.error()));
  LoginRequest request{std::move(*name), text_at(*user, "password"), std::move(project), source_of(call.request),
                       call.request.client};
  Expected<LoginReply> login = co_await call.core.login(call.meta, std::move(request));
  if (!login) co_return std::unexpected(login_refusal(login.error()));
  co_return token_answer(call, 201, *login, "password");
}

Task<Answered> issue_by_token(Call& call, const Json& auth, std::string project) {
  const Json* id = member_at(auth, {"identity", "token", "id"});
  if (id == nullptr || !id->is_string()) co_return expecting("id", "token");
  RequestMeta meta = call.meta;
  meta.token = id->get_ref<const std::string&>();
  Expected<LoginReply> login = co_await call.core.rescope(std::move(meta), std::move(project));
  if (!login) co_return std::unexpected(login_refusal(login.error()));
  co_return token_answer(call, 201, *login, "token");
}

Task<Answered> issue(Call& call) {
  const Json* auth = member(call.body, "auth");
  if (auth == nullptr || !auth->is_object()) co_return expecting("auth", "request body");
  if (member(*auth, "identity") == nullptr) co_return expecting("identity", "auth");
  std::optional<std::string> method = only_method(*auth);
  auto project = scope_of(*auth);
  if (!project) co_return std::unexpected(std::move(project.error()));
  if (method == "password") co_return co_await issue_by_password(call, *auth, std::move(*project));
  if (method == "token") co_return co_await issue_by_token(call, *auth, std::move(*project));
  co_return no_authentication();
}

std::unexpected<Refusal> no_such_token(const std::string& token) {
  return refused(404, fmt::format("Could not find token: {}.", token.substr(0, 64)));
}

// The token that is asked about; a user may ask about its own, an admin about any.
std::expected<std::pair<std::string, TokenClaims>, Refusal> subject_of(Call& call) {
  std::string token(call.request.header("X-Subject-Token"));
  Expected<TokenClaims> claims = call.core.check_token(token);
  if (!claims && claims.error().code == ErrorCode::kUnauthenticated) return no_such_token(token);
  if (!claims) return std::unexpected(refusal_of(claims.error()));
  if (!call.is_admin() && claims->user_id != call.caller.user_id)
    return refused(403, fmt::format("You are not authorized to perform the requested action: {}.", call.route->policy));
  return std::pair(std::move(token), std::move(*claims));
}

Task<Answered> show(Call& call) {
  auto subject = subject_of(call);
  if (!subject) co_return std::unexpected(std::move(subject.error()));
  std::string token = subject->first;
  Expected<LoginReply> described = co_await call.core.describe(call.meta, subject->first);
  if (!described && described.error().code == ErrorCode::kUnauthenticated) co_return no_such_token(token);
  if (!described) co_return std::unexpected(refusal_of(described.error()));
  co_return token_answer(call, 200, *described, "password");
}

Task<Answered> revoke(Call& call) {
  auto subject = subject_of(call);
  if (!subject) co_return std::unexpected(std::move(subject.error()));
  call.core.revoke(subject->second);
  co_return Answer{204, nullptr};
}

constexpr Route kRoutes[] = {
    {Service::kIdentity, "POST", "/v3/auth/tokens", UserRole::kNone, "", &issue},
    {Service::kIdentity, "GET", "/v3/auth/tokens", UserRole::kReader, "identity:validate_token", &show},
    {Service::kIdentity, "DELETE", "/v3/auth/tokens", UserRole::kReader, "identity:revoke_token", &revoke},
};

}  // namespace

std::span<const Route> token_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
