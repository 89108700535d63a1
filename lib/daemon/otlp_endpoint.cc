#include "daemon/otlp_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace kilonova {
namespace {

struct Scheme {
  std::string_view beginning;
  OtlpEndpoint::Protocol protocol;
  bool tls;
};
constexpr Scheme kSchemes[] = {{"http://", OtlpEndpoint::Protocol::kHttpJson, false},
                               {"https://", OtlpEndpoint::Protocol::kHttpJson, true},
                               {"grpc://", OtlpEndpoint::Protocol::kGrpc, false},
                               {"grpcs://", OtlpEndpoint::Protocol::kGrpc, true}};

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Expected<OtlpEndpoint> OtlpEndpoint::parse(std::string_view url) {
  auto wrong = [url] {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no address of a collector: say http://HOST:PORT, https, grpc or grpcs", url));
  };
  OtlpEndpoint endpoint;
  std::string_view rest = url;
  const auto scheme =
      std::ranges::find_if(kSchemes, [&](const Scheme& one) { return rest.starts_with(one.beginning); });
  if (scheme == std::end(kSchemes)) return wrong();
  rest.remove_prefix(scheme->beginning.size());
  endpoint.protocol = scheme->protocol;
  endpoint.tls = scheme->tls;
  const bool is_http = endpoint.protocol == OtlpEndpoint::Protocol::kHttpJson;
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  const bool has_path = rest.substr(slash).size() > 1;
  if (has_path && !is_http) return wrong();
  if (is_http) endpoint.path = has_path ? std::string(rest.substr(slash)) : "/v1/traces";
  const size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  endpoint.port = has_port ? std::string(authority.substr(colon + 1)) : is_http ? "4318" : "4317";
  if (has_port) authority = authority.substr(0, colon);
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  endpoint.host = authority;
  const bool is_plain = std::ranges::all_of(rest, [](char c) { return c > ' ' && c < 0x7f; });
  if (endpoint.host.empty() || endpoint.host.find('@') != std::string::npos || !is_port(endpoint.port) || !is_plain)
    return wrong();
  return endpoint;
}

}  // namespace kilonova
