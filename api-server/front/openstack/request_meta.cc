#include "api-server/front/openstack/request_meta.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "rpc/convert/trace_context.h"
#include "runtime/source_address.h"

namespace kilonova::api::openstack {
namespace {

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
}

}  // namespace

RequestMeta read_request_meta(const http::Request& request) {
  RequestMeta meta;
  meta.token = request.header("X-Auth-Token");
  meta.bytes = request.body.size();
  meta.received = request.received;
  meta.received_at = request.received_at;
  meta.trace = rpc::read_trace(request.header("X-Openstack-Request-Id"), request.header(rpc::kTraceParentKey));
  return meta;
}

std::string base_url(const http::Request& request, const std::string& address) {
  std::string_view host = request.header("Host");
  std::string url = request.is_tls ? "https://" : "http://";
  url += is_host(host) ? host : std::string_view(address);
  return url;
}

std::string source_of(const http::Request& request) { return source_of_host(request.client.host); }

}  // namespace kilonova::api::openstack
