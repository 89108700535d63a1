#include "api-server/front/grpc/request_meta.h"

#include <chrono>
#include <random>
#include <string_view>

#include "api-server/front/grpc/bearer_token.h"
#include "rpc/convert/trace_context.h"

namespace kilonova::api {
namespace {

std::string_view find(const grpc::ServerContext& context, const char* key) {
  const auto& metadata = context.client_metadata();
  auto entry = metadata.find(key);
  if (entry == metadata.end()) return {};
  return {entry->second.data(), entry->second.size()};
}

Uuid draw_id() {
  thread_local std::random_device system;
  thread_local Random random((static_cast<uint64_t>(system()) << 32) ^ system());
  return random_uuid(random);
}

TraceContext read_trace(const grpc::ServerContext& context) {
  TraceContext trace = rpc::read_trace(find(context, kRequestIdKey), find(context, "traceparent"));
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
