// What comes beside a gRPC request: token, request id, trace, deadline.
#pragma once

#include <grpcpp/server_context.h>

#include <string>

#include "api-server/core/client_request.h"
#include "runtime/loop.h"

namespace kilonova::api {

inline constexpr const char* kRequestIdKey = "x-openstack-request-id";

// Reads the metadata `authorization: Bearer TOKEN`, `x-openstack-request-id: req-UUID` and `traceparent`, and the
// deadline. Ids that are absent or malformed are drawn. The loop is only asked for the time.
RequestMeta read_request_meta(const grpc::ServerContext& context, const Loop& loop);

// "req-UUID", for the reply's initial metadata.
std::string request_id_text(const RequestMeta& meta);

}  // namespace kilonova::api
