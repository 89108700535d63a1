// One request of a client on its way through a route.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "api-server/core/api_core.h"
#include "api-server/core/client_request.h"
#include "api-server/core/token.h"
#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/errors.h"
#include "api-server/front/openstack/microversion.h"
#include "api-server/front/openstack/service.h"
#include "base/error.h"
#include "http/message.h"
#include "http/target.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::api {
class ImageFiles;
}

namespace kilonova::api::openstack {

struct Route;

// It lives in the frame of the front's flow, so handlers may refer to it for as long as they run.
struct Call {
  Loop& loop;
  ApiCore& core;
  const http::Request& request;
  const http::Target& target;
  Service service;
  RequestMeta meta;
  std::string base;                   // "http://127.0.0.1:8774": as the client reached it
  ImageFiles* image_files = nullptr;  // none: images have no bytes here
  const Route* route = nullptr;
  std::vector<std::pair<std::string_view, std::string>> path = {};  // {"server", "4711..."}, of the pattern's braces
  Minor minor = kFirstMinor;                                        // compute
  Minor last_minor = kLastMinor;
  bool is_legacy = false;            // Nova's /v2
  std::string project_in_path = {};  // compute: "/v2.1/PROJECT/servers"; "" = none
  TokenClaims caller = {};           // where the route asks for a token
  Json body = {};                    // null: none

  bool is_admin() const { return caller.role >= UserRole::kAdmin; }
  // "" where the pattern has no such part.
  const std::string& in_path(std::string_view name) const;
  // The last value of the query's key; nullptr without it.
  const std::string* in_query(std::string_view key) const;
  std::vector<std::string> all_in_query(std::string_view key) const;
};

// The same call in the api-server's own name, for what its caller may not ask but the front has to know.
inline Call as_itself(const Call& call) {
  Call own = call;
  own.meta.in_own_name = true;
  return own;
}

// Asks the core one operation. What it refuses is said in its words; a handler that has the service's own puts them
// there.
template <class Operation>
Task<std::expected<typename Operation::Reply, Refusal>> ask(Call& call, Operation operation) {
  ClientReply reply = co_await call.core.handle(call.meta, ClientRequest{ApiRequest(std::move(operation)), {}});
  if (!reply.result) co_return std::unexpected(refusal_of(reply.result.error()));
  auto* answer = get_if<typename Operation::Reply>(&*reply.result);
  if (answer == nullptr) co_return refused(500, "what was answered is no answer to this operation");
  co_return std::move(*answer);
}

// The one row with this id, of an operation that would take a name too. `rows`: the reply's list. Nothing where there
// is none, or where a row has the id as its name.
template <class Operation, class Row, class Id>
Task<std::expected<std::optional<Row>, Refusal>> ask_one(Call& call, Operation operation,
                                                         std::vector<Row> Operation::Reply::* rows, Id Row::* id_of,
                                                         std::type_identity_t<Id> id) {
  auto found = co_await ask(call, std::move(operation));
  if (!found && found.error().status == 404) co_return std::nullopt;
  if (!found) co_return std::unexpected(std::move(found.error()));
  std::vector<Row>& got = (*found).*rows;
  if (got.empty() || got.front().*id_of != id) co_return std::nullopt;
  co_return std::move(got.front());
}

// Every page of a list, whose operation has `limit` and `marker`. `rows`: the reply's list; `marker_of`: of its last
// row.
template <class Operation, class Row, class MarkerOf>
Task<std::expected<std::vector<Row>, Refusal>> ask_all(Call& call, Operation operation,
                                                       std::vector<Row> Operation::Reply::* rows, MarkerOf marker_of) {
  std::vector<Row> all;
  for (;;) {
    auto page = co_await ask(call, operation);
    if (!page) co_return std::unexpected(std::move(page.error()));
    std::vector<Row>& got = (*page).*rows;
    if (page->more && !got.empty()) operation.marker = marker_of(got.back());
    for (Row& row : got) all.push_back(std::move(row));
    if (!page->more || got.empty()) co_return all;
  }
}

}  // namespace kilonova::api::openstack
