// What the api-server asks the controller in its own name, for callers who may not ask that themselves: records of its
// own kinds, which zones there are.
#include "api-server/core/own_requests.h"

#include <map>
#include <utility>
#include <vector>

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
Task<Expected<typename Operation::Reply>> ApiCore::ask_checked(RequestMeta meta, Operation operation) {
  complete_trace(meta.trace);
  if (auto admission = authenticate(meta); !admission) co_return std::unexpected(std::move(admission.error()));
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

Task<Expected<ApiRecordList>> ApiCore::ask_own(RequestMeta meta, ChangeApiRecords operation) {
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

}  // namespace kilonova::api
