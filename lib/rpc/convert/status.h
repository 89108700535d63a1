// Errors as gRPC statuses and back: one table for every service and client.
#pragma once

#include <grpcpp/support/status.h>

#include "base/error.h"

namespace kilonova::rpc {

// Two codes may share a status (a quota and an admission limit are both RESOURCE_EXHAUSTED).
grpc::StatusCode to_grpc(ErrorCode code);

// For a status that came without details. What other servers and gRPC itself say is mapped by what the caller can do:
// CANCELLED is kDeadlineExceeded (the outcome is unknown), ABORTED kConflict, UNKNOWN kInternal. `code` must not be OK.
ErrorCode from_grpc(grpc::StatusCode code);

// With the exact code in the details (v1::StatusDetails).
grpc::Status to_status(const Error& error);

// Exact when to_status made it. `status` must not be OK.
Error from_status(const grpc::Status& status);

}  // namespace kilonova::rpc
