// One request of a client that is known, on its way through an action.
#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/refusal.h"
#include "api-server/front/ec2/xml.h"
#include "api-server/front/openstack/call.h"
#include "runtime/keyed_lock.h"
#include "runtime/task.h"

namespace kilonova::api::ec2 {

// It lives in the frame of the front's flow, so handlers may refer to it for as long as they run.
struct Ec2Call {
  openstack::Call& base;  // the same request in its caller's name, for what OpenStack's front knows
  const Parameter& parameters;
  // Of projects: held where a name is looked for and then taken, so that two who ask at once do not both have it.
  KeyedLock<Uuid>& names;

  const Uuid& project() const { return base.caller.project_id; }
};

inline constexpr std::string_view kRegion = "RegionOne";

template <class Operation>
Task<Expected<typename Operation::Reply>> ask(Ec2Call& call, Operation operation) {
  ClientReply reply =
      co_await call.base.core.handle(call.base.meta, ClientRequest{ApiRequest(std::move(operation)), {}});
  if (!reply.result) co_return std::unexpected(std::move(reply.result.error()));
  auto* answer = get_if<typename Operation::Reply>(&*reply.result);
  if (answer == nullptr) co_return fail(ErrorCode::kInternal, "what was answered is no answer to this operation");
  co_return std::move(*answer);
}

// Every page of a list, as openstack::ask_all.
template <class Operation, class Row, class MarkerOf>
Task<Expected<std::vector<Row>>> ask_all(Ec2Call& call, Operation operation, std::vector<Row> Operation::Reply::* rows,
                                         MarkerOf marker_of) {
  std::vector<Row> all;
  for (;;) {
    auto page = co_await ask(call, operation);
    if (!page) co_return std::unexpected(std::move(page.error()));
    std::vector<Row>& got = (*page).*rows;
    const bool is_last = !page->more || got.empty();
    if (!is_last) operation.marker = marker_of(got.back());
    for (Row& row : got) all.push_back(std::move(row));
    if (is_last) co_return all;
  }
}

}  // namespace kilonova::api::ec2
