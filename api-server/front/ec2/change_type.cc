#include "api-server/front/ec2/change_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/instance_types.h"
#include "domain/form_rules.h"
#include "domain/nouns/flavor.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_move.h"

namespace kilonova::api::ec2 {
namespace {

bool is_idle(const Instance& row) { return row.task_state == TaskState::kNone; }
bool has_arrived(const Instance& row) { return is_idle(row) && (row.vm_state == VmState::kResized || !row.move); }
bool is_over(const Instance& row) { return is_idle(row) && !row.move; }

// The same change, which was asked for before and is not over.
bool is_under_way(const Instance& row, const std::string& type) {
  return row.move && row.move->kind == MoveKind::kResize && row.move->from == VmState::kStopped &&
         row.move->new_flavor.name == type;
}

// The server's row, as soon as it is so. `watch`: open since before whatever is waited for was asked.
Task<Result<Instance>> wait_until(Ec2Call& call, ApiCore::Watch& watch, Instant end, bool (*is_so)(const Instance&)) {
  for (;;) {
    auto found = co_await ask(call, GetServer{.server = to_string(*watch.filter.instance)});
    if (!found) co_return std::unexpected(refusal_of(found.error(), "InvalidInstanceID.NotFound"));
    if (!found->servers.empty() && is_so(found->servers.front())) co_return std::move(found->servers.front());
    const Duration left = end - call.base.loop.now();
    if (left <= Duration{})
      co_return refused("InternalError",
                        "The change of the type goes on, and is not over: asked for again, it waits for its end.", 500);
    auto batch = co_await call.base.core.next_events(watch, left);
    if (!batch) co_return std::unexpected(refusal_of(batch.error()));
    watch.position = batch->position;
  }
}

Task<Result<void>> begin(Ec2Call& call, const Instance& server, const std::string& type) {
  if (server.vm_state != VmState::kStopped || !is_idle(server))
    co_return refused("IncorrectInstanceState",
                      fmt::format("The instance '{}' is not in the 'stopped' state.", instance_id(server)));
  auto there = co_await find_type(call, type, "InvalidInstanceAttributeValue");
  if (!there) co_return std::unexpected(std::move(there.error()));
  auto begun = co_await ask(call, ResizeServer{.server = to_string(server.uuid), .flavor = type});
  if (!begun && begun.error().code == ErrorCode::kPermissionDenied)
    co_return refused("OperationNotPermitted", begun.error().message);
  if (!begun) co_return std::unexpected(refusal_of(begun.error(), "InvalidInstanceID.NotFound"));
  co_return Result<void>();
}

}  // namespace

Task<Result<void>> change_type(Ec2Call& call, Instance server, std::string type) {
  const Instant end = call.base.loop.now() + kChangeOfType;
  auto watch = call.base.core.open_watch(call.base.meta, WatchRequest{.server = to_string(server.uuid)});
  if (!watch) co_return std::unexpected(refusal_of(watch.error()));
  if (!is_under_way(server, type))
    if (auto begun = co_await begin(call, server, type); !begun) co_return begun;
  auto arrived = co_await wait_until(call, *watch, end, &has_arrived);
  if (!arrived) co_return std::unexpected(std::move(arrived.error()));
  if (arrived->move) {
    // Somebody else may confirm it at the same time, and Nova itself does where it is told to.
    auto confirmed =
        co_await ask(call, ServerAction{.server = to_string(server.uuid), .action = ServerActionKind::kConfirmResize});
    if (!confirmed && confirmed.error().code != ErrorCode::kConflict)
      co_return std::unexpected(refusal_of(confirmed.error(), "InvalidInstanceID.NotFound"));
    arrived = co_await wait_until(call, *watch, end, &is_over);
    if (!arrived) co_return std::unexpected(std::move(arrived.error()));
  }
  if (arrived->spec.flavor.name == type) co_return Result<void>();
  co_return refused(
      "InsufficientInstanceCapacity",
      fmt::format("The instance '{}' keeps its type {}: {}", instance_id(server), in_quotes(arrived->spec.flavor.name),
                  arrived->fault.message.empty() ? "no other host took it." : arrived->fault.message),
      500);
}

}  // namespace kilonova::api::ec2
