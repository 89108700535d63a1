#include "api-server/front/dashboard/dashboard_front.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api-server/front/dashboard/asset.h"
#include "api-server/front/dashboard/event_stream.h"
#include "api-server/front/dashboard/event_text.h"
#include "api-server/front/dashboard/host_page.h"
#include "api-server/front/dashboard/method.h"
#include "api-server/front/openstack/errors.h"
#include "api-server/front/openstack/request_meta.h"
#include "base/source_counts.h"
#include "domain/nouns/host.h"
#include "http/target.h"

namespace kilonova::api::dashboard {
namespace {

// The page runs its own scripts and no others, whatever a server is called, and talks to nobody but us.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

void add_security_headers(http::Response& response) {
  response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("X-Frame-Options", "DENY");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
}

http::Response json_response(unsigned status, std::string body) {
  return {status, {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}}, std::move(body)};
}

http::Response refusal(unsigned status, std::string_view code, std::string_view message) {
  std::string body = fmt::format(R"({{"error":{{"code":"{}","message":)", code);
  append_quoted(message, &body);
  return json_response(status, body + "}}");
}

http::Response refusal(const Error& error) {
  const openstack::Refusal refused = openstack::refusal_of(error);
  http::Response response = refusal(refused.status, to_string(error.code), error.message);
  for (const auto& header : refused.headers) response.headers.push_back(header);
  return response;
}

http::Response wrong_method(std::string_view allowed) {
  http::Response response =
      refusal(405, to_string(ErrorCode::kInvalidArgument), fmt::format("this is asked by {}", allowed));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

http::Response not_found() {
  return refusal(404, to_string(ErrorCode::kNotFound),
                 "the dashboard has assets/NAME, v1/events, v1/hosts, and v1/OPERATION of kilonova.v1.Cloud");
}

bool is_read(const http::Request& request) { return request.method == "GET" || request.method == "HEAD"; }

http::Response asset_response(const http::Request& request, std::string_view name) {
  const Asset* asset = find_asset(name);
  if (asset == nullptr) return not_found();
  if (!is_read(request)) return wrong_method("GET, HEAD");
  http::Response response{200, {{"Content-Type", std::string(asset->type)}}, ""};
  // Asked each time whether it is still the same: another build may answer next time.
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.headers.emplace_back("ETag", asset->etag);
  response.headers.emplace_back("Vary", "Accept");
  if (has_already(*asset, request.header("If-None-Match")))
    response.status = 304;
  else
    response.body = asset->bytes;
  return response;
}

// Of the query's last such key; "" without it.
std::string in_query(const http::Target& target, std::string_view key) {
  std::string found;
  for (const auto& [name, value] : target.query)
    if (name == key) found = value;
  return found;
}

}  // namespace

struct DashboardFront::State {
  Loop& loop;
  ApiCore& core;
  EventTexts texts = {};
  SourceCounts<Uuid> streams;  // by user

  http::Response open_stream(const RequestMeta& meta, const http::Target& target);
  Task<http::Response> list_hosts(RequestMeta meta, ListHosts operation);
  Task<http::Response> ask(RequestMeta meta, const Method* method, ClientRequest request);
  Task<http::Response> answer(const http::Request* request, const http::Target* target, std::string name);
};

http::Response DashboardFront::State::open_stream(const RequestMeta& meta, const http::Target& target) {
  WatchRequest wanted;
  wanted.all_projects = in_query(target, "all_projects") == "true";
  wanted.cloud_events = in_query(target, "cloud_events") == "true";
  Expected<ApiCore::Watch> watch = core.open_watch(meta, wanted);
  if (!watch) return refusal(watch.error());
  const Uuid user = watch->claims.user_id;
  if (streams.take(user) != SourceCounts<Uuid>::Admission::kTaken)
    return refusal({ErrorCode::kResourceExhausted,
                    fmt::format("{} streams of the user are open, and {} in all, as many as are allowed",
                                streams.of(user), streams.all())});
  EventStream::Counted counted;
  counted.emplace_back(streams, user);
  http::Response response{200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}, ""};
  response.headers.emplace_back("Transfer-Encoding", "chunked");
  response.stream = std::make_shared<EventStream>(loop, core, texts, std::move(*watch), std::move(counted));
  return response;
}

Task<http::Response> DashboardFront::State::list_hosts(RequestMeta meta, ListHosts operation) {
  ClientReply reply = co_await core.handle(std::move(meta), {ApiRequest(std::move(operation)), {}});
  if (!reply.result) co_return refusal(reply.result.error());
  const auto* list = get_if<HostList>(&*reply.result);
  if (list == nullptr) co_return refusal({ErrorCode::kInternal, "what was answered is no answer to ListHosts"});
  co_return json_response(200, host_page(*list));
}

Task<http::Response> DashboardFront::State::ask(RequestMeta meta, const Method* method, ClientRequest request) {
  ClientReply reply = co_await core.handle(std::move(meta), std::move(request));
  if (!reply.result) co_return refusal(reply.result.error());
  Expected<std::string> text = method->write(reply);
  if (!text) co_return refusal(text.error());
  co_return json_response(200, std::move(*text));
}

// Below /dashboard/v1.
Task<http::Response> DashboardFront::State::answer(const http::Request* request, const http::Target* target,
                                                   std::string name) {
  RequestMeta meta = openstack::read_request_meta(*request);
  core.complete_trace(meta.trace);
  const std::string request_id = "req-" + to_string(meta.trace.request_id);
  const bool is_stream = name == "events";
  const bool is_list = is_stream || name == "hosts";
  const Method* method = is_list ? nullptr : find_method(name);
  const std::string_view allowed = is_list ? "GET" : "POST";
  http::Response response;
  if (!is_list && method == nullptr) {
    response = not_found();
  } else if (request->method != allowed) {
    response = wrong_method(allowed);
  } else if (auto known = core.check_token(meta.token); !known) {  // of a stranger nothing is read
    response = refusal(known.error());
  } else if (is_stream) {
    response = open_stream(meta, *target);
  } else if (is_list) {
    response = co_await list_hosts(std::move(meta),
                                   ListHosts{.host = in_query(*target, "host"), .marker = in_query(*target, "marker")});
  } else {
    response = co_await ask(std::move(meta), method, method->read(request->body));
  }
  response.headers.emplace_back("x-openstack-request-id", request_id);
  response.route = is_stream ? "/dashboard/v1/events" : is_list ? "/dashboard/v1/hosts" : "/dashboard/v1/{operation}";
  co_return response;
}

DashboardFront::DashboardFront(Loop& loop, ApiCore& core, DashboardOptions options)
    : state_(new State{.loop = loop,
                       .core = core,
                       .streams = SourceCounts<Uuid>({options.max_streams, options.max_streams_of_user})}) {}

DashboardFront::~DashboardFront() = default;

bool DashboardFront::takes(const http::Request& head) {
  const std::string_view path = std::string_view(head.target).substr(0, head.target.find('?'));
  if (path == "/dashboard" || path.starts_with("/dashboard/")) return true;
  return path == "/" && is_read(head) && head.header("Accept").find("text/html") != std::string_view::npos;
}

Task<http::Response> DashboardFront::handle(http::Request request) {
  const std::optional<http::Target> target = http::parse_target(request.target);
  http::Response response = not_found();
  if (target && target->path.size() <= 1) {
    response = asset_response(request, "index.html");
    response.route = "/";
  } else if (target && target->path[1] == "assets") {
    std::string name;
    for (size_t at = 2; at < target->path.size(); ++at) name += (at == 2 ? "" : "/") + target->path[at];
    response = asset_response(request, name);
    response.route = "/dashboard/assets/{asset}";
  } else if (target && target->path.size() == 3 && target->path[1] == "v1") {
    response = co_await state_->answer(&request, &*target, target->path[2]);
  }
  add_security_headers(response);
  co_return response;
}

}  // namespace kilonova::api::dashboard
