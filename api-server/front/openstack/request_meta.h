// What comes beside an HTTP request: token, request id, trace.
#pragma once

#include <string>

#include "api-server/core/client_request.h"
#include "http/message.h"

namespace kilonova::api::openstack {

// Reads X-Auth-Token, X-Openstack-Request-Id ("req-UUID") and traceparent. Ids that are absent or malformed stay nil.
RequestMeta read_request_meta(const http::Request& request);

// "http://127.0.0.1:8774": as the client reached this port, by its Host header; `address` where that is absent or no
// host.
std::string base_url(const http::Request& request, const std::string& address);

// The client's address as the gRPC front writes it, so that failed log-ins of both count together: "ipv4:10.0.0.7".
std::string source_of(const http::Request& request);

}  // namespace kilonova::api::openstack
