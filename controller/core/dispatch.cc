// Which part of the controller answers which operation: the one that has a handle() for it. An operation that none has, or
// two have, or that is answered with another reply than its own, does not compile.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "controller/core/controller_core.h"
#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/nouns/project.h"
#include "domain/nouns/server.h"
#include "domain/nouns/user.h"
#include "domain/operation.h"

namespace kilonova::controller {
namespace {

// A page costs a daemon a millisecond: one that takes so long is stopped, or dead and not missed yet.
constexpr Duration kBeliefsTimeout = seconds(10);

template <class Part, class Request>
concept Handles =
    requires(Part& part, Request request, const RequestContext& context) { part.handle(std::move(request), context); };
// Launches also record what the api-server did.
template <class Part, class Request>
concept HandlesCall = requires(Part& part, ApiCall call, Request* request) { part.handle(std::move(call), request); };

template <class Request, class... Parts>
constexpr int kHandlers = ((Handles<Parts, Request> || HandlesCall<Parts, Request> ? 1 : 0) + ...);

template <class Reply>
Task<Expected<ApiResponse>> respond(Expected<Reply> reply) {
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  co_return ApiResponse(*std::move(reply));
}
template <class Reply>
Task<Expected<ApiResponse>> respond(Task<Expected<Reply>> flow) {
  Expected<Reply> reply = co_await std::move(flow);
  if (!reply) co_return std::unexpected(std::move(reply.error()));
  co_return ApiResponse(*std::move(reply));
}

// Hands the call to this part, when it is the one.
template <class Request, class Part>
void try_part(Part& part, ApiCall& call, Request& request, std::optional<Task<Expected<ApiResponse>>>& flow) {
  if constexpr (HandlesCall<Part, Request>) {
    flow = respond<typename Request::Reply>(part.handle(std::move(call), static_cast<Request*>(nullptr)));
  } else if constexpr (Handles<Part, Request>) {
    flow = respond<typename Request::Reply>(part.handle(std::move(request), call.context));
  }
}

template <class Request, class... Parts>
Task<Expected<ApiResponse>> hand_over(ApiCall& call, Request& request, std::tuple<Parts&...> parts) {
  static_assert(kHandlers<Request, Parts...> == 1, "one part of the controller handles this operation");
  std::optional<Task<Expected<ApiResponse>>> flow;
  std::apply([&](auto&... part) { (try_part(part, call, request, flow), ...); }, parts);
  return *std::move(flow);
}

// What another daemon answered is not taken at its word.
template <class Request>
Task<Expected<ApiResponse>> check_reply(Task<Expected<ApiResponse>> flow) {
  Expected<ApiResponse> reply = co_await std::move(flow);
  if (reply && !holds_alternative<typename Request::Reply>(*reply))
    co_return fail(ErrorCode::kInternal, fmt::format("{} was answered with something else", Request::kOperation.name));
  co_return reply;
}

// A token outlives its user and its project: until it expires it may look, and change nothing. The api-server asks in its
// own name without a user.
Expected<> check_caller(const RecordTables& records, const ApiCall& call) {
  const RequestContext& caller = call.context;
  if (operation_of(call.request).effect == Effect::kReads || caller.user_id.is_nil()) return {};
  if (!records.of<User>().contains(caller.user_id))
    return fail(ErrorCode::kUnauthenticated, "the user that this token is for was deleted: log in as another");
  // A token of a domain has no project; what it may do there, the api-server knows.
  if (!caller.project_id.is_nil() && !records.of<Project>().contains(caller.project_id))
    return fail(ErrorCode::kUnauthenticated, "the project that this token is for was deleted: log in to another");
  return {};
}

Task<Expected<ApiResponse>> refuse_call(Error error) { co_return std::unexpected(std::move(error)); }

}  // namespace

auto ControllerCore::parts() {
  return std::tie(launches_, terminates_, host_actions_, actions_, moves_, migrations_, rebuilds_, snapshots_, resets_,
                  steps_, hosts_, fault_rules_, servers_, server_changes_, interfaces_, guest_views_, cloud_, flavors_,
                  images_, key_pairs_, projects_, users_, token_keys_, quotas_, aggregates_, server_groups_,
                  api_records_, cloud_resets_);
}

Task<Expected<ApiResponse>> ControllerCore::dispatch(ApiCall call) {
  auto hand = [&]<class Request>(Request& request) -> Task<Expected<ApiResponse>> {
    constexpr DecidedBy decided_by = Request::kOperation.decided_by;
    if constexpr (decided_by == DecidedBy::kNetwork) {
      // It tells of a changed network before it answers: a create that follows the answer may name it.
      return check_reply<Request>(
          forward_to(PeerId{Role::kNetwork, 0}, std::move(call), options_.rpc_response_timeout));
    } else if constexpr (decided_by == DecidedBy::kScheduler) {
      return check_reply<Request>(forward_to(request.daemon, std::move(call), reading_timeout()));
    } else if constexpr (decided_by == DecidedBy::kAnyDaemon) {
      return check_reply<Request>(read_beliefs(std::move(call)));
    } else if constexpr (decided_by == DecidedBy::kApi) {
      return refuse_call(
          {ErrorCode::kUnimplemented, fmt::format("{} is the api-server's own", Request::kOperation.name)});
    } else {
      return hand_over(call, request, parts());
    }
  };
  if (!call.request.has_value()) return refuse_call({ErrorCode::kUnimplemented, "the call has no operation"});
  const auto* reset = get_if<ResetCloud>(&call.request);
  const bool is_repeated = reset != nullptr && cloud_resets_.is_repetition(*reset);
  if (auto there = check_caller(records_, call); !there && !is_repeated) return refuse_call(std::move(there.error()));
  if (cloud_resets_.is_under_way() && operation_of(call.request).effect == Effect::kChanges && reset == nullptr)
    return refuse_call({ErrorCode::kUnavailable, "the cloud is being reset: try again in a moment"});
  // In a place of its own: handing over moves both the call and its request.
  ApiRequest request = std::move(call.request);
  if (operation_of(request).decided_by != DecidedBy::kController) call.request = request;
  if (holds_alternative<CreateServers>(request)) call.request = request;
  return visit(hand, request);
}

Duration ControllerCore::reading_timeout() const { return std::min(options_.rpc_response_timeout, kBeliefsTimeout); }

// What other daemons believe they tell themselves.
Task<Expected<ApiResponse>> ControllerCore::read_beliefs(ApiCall call) {
  const ReadBeliefs request = get<ReadBeliefs>(call.request);
  if (request.daemon == transport_.self()) {
    auto page = beliefs(request);
    if (!page) co_return std::unexpected(page.error());
    co_return *std::move(page);
  }
  co_return co_await forward_to(request.daemon, std::move(call), reading_timeout());
}

Task<Expected<ApiResponse>> ControllerCore::forward_to(PeerId daemon, ApiCall call, Duration timeout) {
  auto reply = co_await caller_.call<ApiReply>(daemon, std::move(call), timeout);
  if (!reply) co_return std::unexpected(reply.error());
  co_return std::move(reply->result);
}

}  // namespace kilonova::controller
