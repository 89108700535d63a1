#include "api-server/front/openstack/openstack_front.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api-server/core/http_faults.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/compute/known_query.h"
#include "api-server/front/openstack/errors.h"
#include "api-server/front/openstack/identity/access_rules.h"
#include "api-server/front/openstack/image/image_data.h"
#include "api-server/front/openstack/place.h"
#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/request_meta.h"
#include "api-server/front/openstack/route.h"
#include "api-server/images/image_files.h"
#include "http/request_reader.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kJson = "application/json";

std::string identity_url(const Call& call) { return call.base + "/identity"; }

std::string accept_of(const Call& call) { return std::string(call.request.header("Accept")); }

std::string request_id_of(const Call& call) { return "req-" + to_string(call.meta.trace.request_id); }

http::Response response_of(Answer answer) {
  http::Response response{answer.status, std::move(answer.headers), ""};
  if (!answer.body.is_null()) response.body = to_text(answer.body);
  response.stream = std::move(answer.stream);
  response.stream_bytes = answer.stream_bytes;
  return response;
}

// nova/api/openstack/wsgi.py: what comes with every answer.
void add_compute_headers(http::Response& response, const std::string& asked) {
  response.headers.emplace_back(kVersionHeader, "compute " + asked);
  response.headers.emplace_back(kNovaVersionHeader, asked);
  response.headers.emplace_back("Vary", kVersionHeader);
  response.headers.emplace_back("Vary", kNovaVersionHeader);
}

// What comes with every answer of a service that has microversions.
void add_version_headers(const Call& call, http::Response& response) {
  if (call.service == Service::kCompute) add_compute_headers(response, fmt::format("2.{}", call.minor));
  if (call.service == Service::kPlacement) add_placement_headers(response, call.minor);
}

std::string policy_words(const Call& call) {
  std::string_view policy = call.route->policy;
  switch (call.service) {
    case Service::kIdentity: return fmt::format("You are not authorized to perform the requested action: {}.", policy);
    case Service::kImage: return fmt::format("You are not authorized to complete {} action.", policy);
    case Service::kNetwork: return fmt::format("(rule:{}) is disallowed by policy", policy);
    case Service::kPlacement: return fmt::format("Policy does not allow {} to be performed.", policy);
    case Service::kCompute: break;
  }
  return fmt::format("Policy doesn't allow {} to be performed.", policy);
}

Answered check_role(const Call& call) {
  if (call.caller.role >= call.route->role) return Answer{};
  return refused(403, policy_words(call), call.service == Service::kNetwork ? "PolicyNotAuthorized" : "");
}

// Nova's rule: the project of the path is the token's.
Answered check_project(const Call& call) {
  if (call.project_in_path.empty() || parse_uuid(call.project_in_path) == call.caller.project_id) return Answer{};
  return refused(400,
                 fmt::format("Malformed request URL: URL's project_id '{}' doesn't match Context's project_id '{}'",
                             call.project_in_path, to_hex(call.caller.project_id)));
}

bool is_json_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  return type.empty() || type == kJson || type == "text/plain" || type == "application/vnd.openstack.compute+json" ||
         type.ends_with("+json") || type.ends_with("json-patch");
}

Answered read_body(Call& call) {
  if (call.service == Service::kPlacement) return check_placement_head(call);  // its handlers read bodies
  if (call.request.body.empty()) return Answer{};
  if (call.request.method != "POST" && call.request.method != "PUT" && call.request.method != "PATCH") return Answer{};
  std::string_view type = call.request.header("Content-Type");
  // An image's bytes are no JSON, whatever they are called: their route says what it takes.
  if (call.service == Service::kImage && !call.target.path.empty() && call.target.path.back() == "file")
    return Answer{};
  // Keystone reads JSON whatever it is called.
  if (call.service != Service::kIdentity && !is_json_type(type))
    return refused(415, call.service == Service::kCompute ? "Unsupported Content-Type"
                                                          : fmt::format("The media type '{}' is not supported", type));
  std::optional<Json> body = parse_json(call.request.body);
  if (!body) {
    if (call.service == Service::kIdentity) return refused(400, "Malformed request body: it is no JSON object.");
    if (call.service == Service::kCompute) return refused(400, "Malformed request body");
    return refused(400,
                   "The server could not comply with the request since it is either malformed or otherwise "
                   "incorrect.",
                   "MalformedRequestBody");
  }
  call.body = std::move(*body);
  return Answer{};
}

}  // namespace

struct OpenstackFront::State {
  State(Loop& owner, ApiCore& api, FrontOptions wanted)
      : loop(owner), core(api), options(std::move(wanted)), index(routes()) {}

  Task<http::Response> answer(Call call, Place place);
  // As answer(), after what fault rules do to the request.
  Task<http::Response> answer_struck(Call call, Place place);
  // Nothing when the caller may go on: the route asks for no token, or this one is good.
  std::optional<http::Response> authenticate(Call& call) const;
  http::Response no_such_route(const Call& call, bool was_known, const RouteIndex::Match& match) const;
  Task<Answered> run(Call* call);
  http::Response refusal(const Call& call, const Refusal& why) const {
    if (why.status == 401 && call.service != Service::kIdentity) return unauthorized(identity_url(call));
    http::Response response = call.service == Service::kPlacement
                                  ? placement_error(why, request_id_of(call), call.minor)
                                  : error_response(call.service, why, accept_of(call), request_id_of(call));
    if (why.status == 401)
      response.headers.emplace_back("WWW-Authenticate", fmt::format("Keystone uri=\"{}\"", identity_url(call)));
    return response;
  }

  Loop& loop;
  ApiCore& core;
  FrontOptions options;
  RouteIndex index;
};

// What is checked before the handler, in Nova's order; then the handler.
Task<Answered> OpenstackFront::State::run(Call* call) {
  if (call->route->role != UserRole::kNone) {
    if (Answered ok = check_project(*call); !ok) co_return ok;
    if (Answered ok = check_role(*call); !ok) co_return ok;
  }
  if (call->service == Service::kCompute)
    if (auto wrong = check_known_query(*call)) co_return std::unexpected(std::move(*wrong));
  if (Answered ok = read_body(*call); !ok) co_return ok;
  co_return co_await call->route->handler(*call);
}

std::optional<http::Response> OpenstackFront::State::authenticate(Call& call) const {
  if (call.route != nullptr && call.route->role == UserRole::kNone && !call.route->takes_any_token) return std::nullopt;
  Expected<TokenClaims> claims = core.check_token(call.meta.token);
  if (!claims && claims.error().code == ErrorCode::kUnauthenticated) return unauthorized(identity_url(call));
  if (!claims) return refusal(call, refusal_of(claims.error()));
  call.caller = std::move(*claims);
  // What a token is worth that is for a domain or the system, Keystone alone knows.
  if (call.caller.scope != TokenScope::kProject && call.service != Service::kIdentity)
    call.caller.role = UserRole::kNone;
  return std::nullopt;
}

// Of a path that no route has, or not in this microversion (`was_known`), or not with this method.
http::Response OpenstackFront::State::no_such_route(const Call& call, bool was_known,
                                                    const RouteIndex::Match& match) const {
  bool has_versions = call.service == Service::kCompute || call.service == Service::kPlacement;
  if (was_known && has_versions) return refusal(call, {404, "The resource could not be found."});
  if (match.methods.empty() && call.service == Service::kPlacement) return refusal(call, {404, ""});
  if (match.methods.empty() || call.service == Service::kCompute)
    return no_route(call.service, accept_of(call), request_id_of(call));
  Refusal wrong_method{405, "The method is not allowed for this resource."};
  if (call.service == Service::kPlacement)
    wrong_method.message = fmt::format("The method {} is not allowed for this resource.", call.request.method);
  std::vector<std::string_view> methods = match.methods;
  std::ranges::sort(methods);
  methods.erase(std::ranges::unique(methods).begin(), methods.end());
  wrong_method.headers.emplace_back("Allow", fmt::format("{}", fmt::join(methods, ", ")));
  return refusal(call, wrong_method);
}

Task<http::Response> OpenstackFront::State::answer(Call call, Place place) {
  RouteIndex::Match ever = index.find(call.service, call.request.method, place.path, RouteIndex::kAnyMinor);
  call.route = ever.route;
  bool was_known = call.route != nullptr;
  if (auto refused = authenticate(call)) co_return std::move(*refused);
  if (call.caller.has_access_rules)
    if (Checked kept = co_await check_access_rules(&call); !kept) co_return refusal(call, kept.error());
  bool is_placement = call.service == Service::kPlacement;
  bool is_versioned = is_placement || (call.service == Service::kCompute && !place.path.empty() && !place.is_legacy);
  if (is_versioned) {
    auto minor = is_placement ? negotiate_placement(call.request) : negotiate(call.request, call.last_minor);
    if (!minor) {
      if (is_placement) call.minor = 0;
      http::Response response = refusal(call, {minor.error().status, minor.error().message});
      if (!minor.error().asked.empty() && !is_placement) add_compute_headers(response, minor.error().asked);
      co_return response;
    }
    call.minor = *minor;
  }
  RouteIndex::Match match = index.find(call.service, call.request.method, place.path, call.minor);
  call.route = match.route;
  if (call.route == nullptr) {
    // Of Placement's paths the methods of all microversions are told.
    http::Response response = no_such_route(call, was_known, is_placement ? ever : match);
    if ((was_known || is_placement) && is_versioned) add_version_headers(call, response);
    co_return response;
  }
  call.path = std::move(match.path);
  Answered answered = co_await run(&call);
  http::Response response = answered ? response_of(std::move(*answered)) : refusal(call, answered.error());
  if (is_versioned) add_version_headers(call, response);
  response.route = call.route->pattern;
  co_return response;
}

Task<http::Response> OpenstackFront::State::answer_struck(Call call, Place place) {
  if (core.http_faults().empty()) co_return co_await answer(std::move(call), std::move(place));
  Expected<TokenClaims> claims = core.check_token(call.meta.token);
  std::vector<std::string> path{std::string(root_of(call.service))};
  path.insert(path.end(), place.path.begin(), place.path.end());
  const StruckRequest struck =
      co_await core.http_faults().strike(call.request.method, std::move(path), claims ? claims->project_id : Uuid{});
  http::Response response;
  if (struck.drops) {
    response.hangs_up = true;
  } else if (struck.fails) {
    response = refusal(call, refusal_of(*struck.fails));
    if (call.service == Service::kCompute) add_version_headers(call, response);
  } else {
    response = co_await answer(std::move(call), std::move(place));
  }
  response.hangs_up = response.hangs_up || struck.loses_reply;
  co_return response;
}

OpenstackFront::OpenstackFront(Loop& loop, ApiCore& core, FrontOptions options)
    : state_(std::make_unique<State>(loop, core, std::move(options))) {}

OpenstackFront::~OpenstackFront() = default;

size_t OpenstackFront::max_body_bytes(const http::Request& head) const {
  constexpr size_t kStrangers = 16 * 1024;
  bool is_known = state_->core.check_token(read_request_meta(head).token).has_value();
  return is_known ? http::ReadLimits{}.body_bytes : kStrangers;
}

std::shared_ptr<http::BodySink> OpenstackFront::sink_of(const http::Request& head) const {
  ImageFiles* files = state_->options.image_files;
  if (files == nullptr || head.header("Content-Type") != kOctets) return nullptr;
  std::optional<http::Target> target = http::parse_target(head.target);
  std::optional<Place> place = target ? place_of(*target) : std::nullopt;
  if (!place || place->service != Service::kImage || !takes_image_bytes(head.method, place->path)) return nullptr;
  Expected<TokenClaims> claims = state_->core.check_token(read_request_meta(head).token);
  bool may_send = claims && claims->scope == TokenScope::kProject && claims->role >= UserRole::kMember;
  return may_send ? files->begin() : nullptr;
}

Task<http::Response> OpenstackFront::handle(http::Request request) {
  std::optional<http::Target> target = http::parse_target(request.target);
  std::optional<Place> place = target ? place_of(*target) : std::nullopt;
  if (!target)
    co_return http::Response{400, {{"Content-Type", "text/plain; charset=UTF-8"}}, "The path is no text in UTF-8.\n"};
  if (!place) {
    http::Response response{404, {{"Content-Type", std::string(kJson)}}, ""};
    response.body = to_text({{"error",
                              {{"code", 404},
                               {"title", "Not Found"},
                               {"message",
                                "Services are at /identity, /compute, /image, /networking and "
                                "/placement."}}}});
    co_return response;
  }
  Call call{.loop = state_->loop,
            .core = state_->core,
            .request = request,
            .target = *target,
            .service = place->service,
            .meta = read_request_meta(request),
            .base = base_url(request, state_->options.address),
            .image_files = state_->options.image_files,
            .is_legacy = place->is_legacy,
            .project_in_path = place->project};
  call.meta.takes_any_scope = call.service == Service::kIdentity;
  call.meta.keeps_access_rules = true;
  state_->core.complete_trace(call.meta.trace);
  std::string request_id = request_id_of(call);
  Service service = place->service;
  http::Response response = co_await state_->answer_struck(std::move(call), std::move(*place));
  bool is_empty = response.status == 204 || (service == Service::kPlacement && response.body.empty());
  bool says_type = !is_empty || service == Service::kCompute;  // Nova does even then
  if (says_type && http::find_header(response.headers, "Content-Type") == nullptr)
    response.headers.insert(response.headers.begin(), {"Content-Type", std::string(kJson)});
  if (service == Service::kIdentity) response.headers.emplace_back("Vary", "X-Auth-Token");
  response.headers.emplace_back("x-openstack-request-id", request_id);
  if (service == Service::kCompute) response.headers.emplace_back("x-compute-request-id", request_id);
  co_return response;
}

}  // namespace kilonova::api::openstack
