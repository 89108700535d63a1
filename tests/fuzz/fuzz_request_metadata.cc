// What comes beside a request, over HTTP or gRPC: token, ids, trace, host; and the address that it comes from.
#include <string>

#include "api-server/front/grpc/bearer_token.h"
#include "api-server/front/openstack/request_meta.h"
#include "runtime/source_address.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_request_metadata) {
  using namespace kilonova;
  http::Request request;
  for (const char* name : {"X-Auth-Token", "X-Openstack-Request-Id", "traceparent", "Host"})
    request.headers.emplace_back(name, std::string(fuzz::take_text(bytes)));
  request.client.host = std::string(fuzz::take_text(bytes));
  api::RequestMeta meta = api::openstack::read_request_meta(request);
  KN_CHECK(meta.token == request.header("X-Auth-Token"), "the token is taken as it is");
  std::string url = api::openstack::base_url(request, "127.0.0.1:8774");
  KN_CHECK(url.find_first_of("\r\n \"<>") == std::string::npos, "a client's host writes nothing into an answer");
  const std::string authorization(fuzz::take_text(bytes));
  const std::string token = api::bearer_token(authorization);
  KN_CHECK(authorization.ends_with(token), "a token is the end of what was said");
  std::string source = source_of_host(request.client.host);
  KN_CHECK(source.empty() == request.client.host.empty(), "everybody comes from somewhere");
}
