#include "controller/core/server_steps.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "controller/core/nouns/servers.h"
#include "domain/api.h"
#include "domain/messages.h"
#include "domain/states.h"
#include "runtime/sleep.h"

namespace kilonova::controller {
namespace {

// A server that is on its way to its next step is there sooner than this.
constexpr Duration kPatience = seconds(5);
constexpr Duration kLook = milliseconds(20);

}  // namespace

Task<Expected<ServerStep>> ServerSteps::handle(StepServer request, RequestContext context) {
  auto found = find_server(world_.instances, scope_of(context, context.is_admin()), request.server);
  if (!found) co_return std::unexpected(found.error());
  const Uuid instance = (*found)->uuid;
  const Instant until = world_.loop.now() + kPatience;
  for (;;) {
    const Instance* row = world_.instances.find(instance);
    if (row == nullptr) co_return fail(ErrorCode::kNotFound, fmt::format("server '{}' not found", request.server));
    if (!row->is_unstable() && !row->move)
      co_return fail(ErrorCode::kConflict,
                     fmt::format("nothing is under way of server '{}': it is {}", row->name, to_string(row->vm_state)));
    for (const Peer& process : world_.transport.peers(Role::kCompute)) {
      auto reply = co_await world_.caller.call<ApiReply>(
          process.id, ApiCall{context, {}, StepServer{to_string(instance)}}, world_.options.rpc_response_timeout);
      if (!reply) co_return std::unexpected(reply.error());
      if (reply->result && holds_alternative<ServerStep>(*reply->result))
        co_return get<ServerStep>(std::move(*reply->result));
      if (!reply->result && reply->result.error().code != ErrorCode::kNotFound)
        co_return std::unexpected(reply->result.error());
    }
    if (world_.loop.now() >= until)
      co_return fail(ErrorCode::kConflict,
                     fmt::format("no step of server '{}' waits: no host is at work on it now", request.server));
    co_await sleep_for(world_.loop, kLook);
  }
}

}  // namespace kilonova::controller
