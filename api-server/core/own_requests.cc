// What the api-server asks the controller in its own name, for callers who may not ask that themselves: who they are,
// where they have roles, which zones there are.
#include <map>
#include <utility>
#include <vector>

#include "api-server/core/api_core.h"
#include "domain/api.h"
#include "domain/nouns/api_record.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/network_part.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"
#include "domain/password_rule.h"
#include "domain/user_role.h"

namespace kilonova::api {

template <class Operation>
Task<Expected<typename Operation::Reply>> ApiCore::ask_as_admin(const RequestMeta& meta, Operation operation) {
  RequestContext context{.role = UserRole::kAdmin, .trace = meta.trace};
  Expected<ApiResponse> response = co_await ask_controller(ApiCall{context, {}, std::move(operation)}, time_left(meta));
  if (!response) co_return std::unexpected(std::move(response.error()));
  auto* reply = get_if<typename Operation::Reply>(&*response);
  if (reply == nullptr) co_return fail(ErrorCode::kInternal, "the controller answered with something else");
  co_return std::move(*reply);
}

template <class Operation>
Task<Expected<typename Operation::Reply>> ApiCore::ask_checked(RequestMeta meta, Operation operation) {
  complete_trace(meta.trace);
  if (auto claims = check_token(meta.token); !claims) co_return std::unexpected(std::move(claims.error()));
  if (auto formed = operation.check(); !formed) co_return std::unexpected(std::move(formed.error()));
  co_return co_await ask_as_admin(meta, std::move(operation));
}

Task<Expected<ApiRecordList>> ApiCore::ask_own(RequestMeta meta, ListApiRecords operation) {
  return ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<ApiRecordList>> ApiCore::ask_own(RequestMeta meta, PutApiRecord operation) {
  return ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<Empty>> ApiCore::ask_own(RequestMeta meta, DeleteApiRecord operation) {
  return ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<NetworkParts>> ApiCore::ask_own(RequestMeta meta, ListNetworkParts operation) {
  return ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<NetworkParts>> ApiCore::ask_own(RequestMeta meta, StoreNetwork operation) {
  return ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<NetworkParts>> ApiCore::ask_own(RequestMeta meta, StoreSubnet operation) {
  return ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<NetworkParts>> ApiCore::ask_own(RequestMeta meta, StorePort operation) {
  return ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<Empty>> ApiCore::ask_own(RequestMeta meta, DeleteNetworkPart operation) {
  return ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<ImageList>> ApiCore::ask_own(RequestMeta meta, PutImage operation) {
  return ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<ProjectList>> ApiCore::ask_own(RequestMeta meta, ReplaceProject operation) {
  return ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<UserList>> ApiCore::ask_own(RequestMeta meta, ReplaceUser operation, std::string password) {
  if (!password.empty()) {
    if (auto formed = check_password(password); !formed) co_return std::unexpected(std::move(formed.error()));
    operation.password_hash = co_await crypto_.hash_password(std::move(password));
  }
  co_return co_await ask_checked(std::move(meta), std::move(operation));
}

Task<Expected<std::vector<Uuid>>> ApiCore::all_image_ids() {
  std::vector<Uuid> ids;
  ListImages page{.usable = true};
  for (;;) {
    RequestMeta meta;
    complete_trace(meta.trace);
    Expected<ImageList> list = co_await ask_as_admin(meta, page);
    if (!list) co_return std::unexpected(std::move(list.error()));
    for (const Image& image : list->images) ids.push_back(image.id);
    if (!list->more || list->images.empty()) co_return ids;
    page.marker = to_string(ids.back());
  }
}

Task<Expected<FoundUser>> ApiCore::find_holder(const RequestMeta& meta, const TokenClaims& claims,
                                               std::string project) {
  auto found = co_await ask_as_admin(meta, FindUser{to_string(claims.user_id), std::move(project)});
  if (found && found->user.id == claims.user_id) co_return found;
  if (found || found.error().code == ErrorCode::kNotFound)
    co_return fail(ErrorCode::kUnauthenticated, "the token's user is gone, or has no role in the project");
  co_return found;
}

Task<Expected<LoginReply>> ApiCore::rescope(RequestMeta meta, std::string project) {
  complete_trace(meta.trace);
  Expected<TokenClaims> claims = check_token(meta.token);
  if (!claims) co_return std::unexpected(std::move(claims.error()));
  if (project.empty()) project = to_string(claims->project_id);
  Expected<FoundUser> user = co_await find_holder(meta, *claims, std::move(project));
  if (!user) co_return std::unexpected(std::move(user.error()));
  co_return issue_token(*user, claims->expires_at);
}

Task<Expected<LoginReply>> ApiCore::describe(RequestMeta meta, std::string token) {
  complete_trace(meta.trace);
  Expected<TokenClaims> claims = check_token(token);
  if (!claims) co_return std::unexpected(std::move(claims.error()));
  Expected<FoundUser> user = co_await find_holder(meta, *claims, to_string(claims->project_id));
  if (!user) co_return std::unexpected(std::move(user.error()));
  LoginReply reply;
  reply.token = std::move(token);
  reply.issued_at = claims->issued_at;
  reply.expires_at = claims->expires_at;
  reply.audit_id = claims->audit_id;
  reply.user_id = user->user.id;
  reply.user = user->user.name;
  reply.project_id = user->project.id;
  reply.project = user->project.name;
  reply.role = user->role;
  co_return reply;
}

Task<Expected<std::map<std::string, bool>>> ApiCore::availability_zones(RequestMeta meta) {
  complete_trace(meta.trace);
  if (auto claims = check_token(meta.token); !claims) co_return std::unexpected(std::move(claims.error()));
  std::map<std::string, bool> zones;
  for (ListHosts page;;) {
    auto hosts = co_await ask_as_admin(meta, page);
    if (!hosts) co_return std::unexpected(std::move(hosts.error()));
    for (const HostView& view : hosts->hosts) zones[view.host.zone] = zones[view.host.zone] || view.host.enabled;
    if (!hosts->more || hosts->hosts.empty()) co_return zones;
    page.marker = hosts->hosts.back().host.name;
  }
}

Task<Expected<std::vector<Project>>> ApiCore::projects_of_caller(RequestMeta meta) {
  complete_trace(meta.trace);
  Expected<TokenClaims> claims = check_token(meta.token);
  if (!claims) co_return std::unexpected(std::move(claims.error()));
  auto user = co_await ask_as_admin(meta, ListUsers{.user = to_string(claims->user_id)});
  if (!user) co_return std::unexpected(std::move(user.error()));
  std::vector<Project> projects;
  for (const RoleAssignment& role : user->roles) {
    auto found = co_await ask_as_admin(meta, ListProjects{.project = to_string(role.project_id)});
    if (!found && found.error().code != ErrorCode::kNotFound) co_return std::unexpected(std::move(found.error()));
    if (found && !found->projects.empty()) projects.push_back(std::move(found->projects.front()));
  }
  co_return projects;
}

void ApiCore::revoke(const TokenClaims& claims) {
  std::erase_if(revoked_, [now = loop_.now()](const auto& entry) { return entry.second <= now; });
  // As long as it can be good for, wherever the wall clock goes.
  revoked_[claims.audit_id] = loop_.now() + (claims.expires_at - claims.issued_at) + TokenSigner::kClockTolerance;
}

}  // namespace kilonova::api
