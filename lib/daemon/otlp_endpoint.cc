#include "daemon/otlp_endpoint.h"

#include <fmt/format.h>

#include <algorithm>

namespace kilonova {
namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Expected<OtlpEndpoint> OtlpEndpoint::parse(std::string_view url) {
  auto wrong = [url] {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("'{}' is no address of a collector: say http://HOST:PORT or https://HOST:PORT", url));
  };
  OtlpEndpoint endpoint;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    endpoint.https = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return wrong();
  }
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, slash);
  endpoint.path = rest.substr(slash).size() > 1 ? std::string(rest.substr(slash)) : "/v1/traces";
  const size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  endpoint.port = has_port ? std::string(authority.substr(colon + 1)) : "4318";
  if (has_port) authority = authority.substr(0, colon);
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  endpoint.host = authority;
  const bool is_plain = std::ranges::all_of(rest, [](char c) { return c > ' ' && c < 0x7f; });
  if (endpoint.host.empty() || endpoint.host.find('@') != std::string::npos || !is_port(endpoint.port) || !is_plain)
    return wrong();
  return endpoint;
}

}  // namespace kilonova
