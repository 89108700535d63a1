#include "api-server/front/grpc/request_meta.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <string_view>

#include "base/ascii.h"
#include "rpc/convert/trace_context.h"

namespace kilonova::api {
namespace {

std::string_view find(const grpc::ServerContext& context, const char* key) {
  const auto& metadata = context.client_metadata();
  auto entry = metadata.find(key);
  if (entry == metadata.end()) return {};
  return {entry->second.data(), entry->second.size()};
}

// "Bearer TOKEN", the scheme in any case (RFC 9110 section 11.1). Anything else is no token.
std::string bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size()) return "";
  bool is_bearer = std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                              [](char wanted, char given) { return wanted == to_lower(given); });
  return is_bearer ? std::string(authorization.substr(kScheme.size())) : "";
}

Uuid draw_id() {
  thread_local std::random_device system;
  thread_local Random random((static_cast<uint64_t>(system()) << 32) ^ system());
  return random_uuid(random);
}

TraceContext read_trace(const grpc::ServerContext& context) {
  TraceContext trace;
  std::string_view request_id = find(context, kRequestIdKey);
  if (request_id.starts_with("req-"))
    if (std::optional<Uuid> id = parse_uuid(request_id.substr(4))) trace.request_id = *id;
  if (std::optional<rpc::TraceParent> parent = rpc::parse_traceparent(find(context, "traceparent"))) {
    trace.trace_id = parent->trace_id;
    trace.span_id = parent->span_id;
  }
  if (trace.request_id.is_nil()) trace.request_id = draw_id();
  if (trace.trace_id.is_nil()) trace.trace_id = draw_id();
  return trace;
}

}  // namespace

RequestMeta read_request_meta(const grpc::ServerContext& context, const Loop& loop) {
  using std::chrono::system_clock;
  RequestMeta meta;
  meta.received = loop.wall_now();
  meta.received_at = loop.now();
  meta.token = bearer_token(find(context, "authorization"));
  meta.trace = read_trace(context);
  system_clock::time_point deadline = context.deadline();
  if (deadline != system_clock::time_point::max())
    meta.time_limit =
        Duration{std::chrono::duration_cast<std::chrono::microseconds>(deadline - system_clock::now()).count()};
  return meta;
}

std::string request_id_text(const RequestMeta& meta) { return "req-" + to_string(meta.trace.request_id); }

}  // namespace kilonova::api
