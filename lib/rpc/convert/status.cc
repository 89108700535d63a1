#include "rpc/convert/status.h"

#include <array>

#include "base/check.h"
#include "rpc/convert/codecs.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {
namespace {

struct Row {
  ErrorCode code;
  grpc::StatusCode status;
};

// In the order of ErrorCode. Where a status stands twice, the first row is the way back.
constexpr std::array kTable{
    Row{ErrorCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
    Row{ErrorCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED},
    Row{ErrorCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED},
    Row{ErrorCode::kNotFound, grpc::StatusCode::NOT_FOUND},
    Row{ErrorCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS},
    Row{ErrorCode::kConflict, grpc::StatusCode::FAILED_PRECONDITION},
    Row{ErrorCode::kQuotaExceeded, grpc::StatusCode::RESOURCE_EXHAUSTED},
    Row{ErrorCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    Row{ErrorCode::kUnavailable, grpc::StatusCode::UNAVAILABLE},
    Row{ErrorCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
    Row{ErrorCode::kNoValidHost, grpc::StatusCode::FAILED_PRECONDITION},
    Row{ErrorCode::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE},
    Row{ErrorCode::kDataLoss, grpc::StatusCode::DATA_LOSS},
    Row{ErrorCode::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED},
    Row{ErrorCode::kInternal, grpc::StatusCode::INTERNAL},
};

consteval bool are_in_order() {
  for (size_t i = 0; i < kTable.size(); ++i)
    if (kTable[i].code != static_cast<ErrorCode>(i)) return false;
  return kTable.back().code == ErrorCode::kInternal;
}
static_assert(are_in_order(), "a row of kTable stands in the wrong place, or is missing");

}  // namespace

grpc::StatusCode to_grpc(ErrorCode code) {
  auto index = static_cast<size_t>(code);
  KN_CHECK(index < kTable.size() && kTable[index].code == code, "an ErrorCode without a gRPC status");
  return kTable[index].status;
}

ErrorCode from_grpc(grpc::StatusCode code) {
  switch (code) {
    // gRPC's own refusals (a message too large, a full server) are limits, not quotas.
    case grpc::StatusCode::RESOURCE_EXHAUSTED: return ErrorCode::kResourceExhausted;
    case grpc::StatusCode::CANCELLED: return ErrorCode::kDeadlineExceeded;
    case grpc::StatusCode::ABORTED: return ErrorCode::kConflict;
    default: break;
  }
  for (const Row& row : kTable)
    if (row.status == code) return row.code;
  return ErrorCode::kInternal;
}

grpc::Status to_status(const Error& error) {
  v1::Error detail;
  encode(error, &detail);
  v1::StatusDetails details;
  details.set_code(to_grpc(error.code));
  details.set_message(detail.message());
  details.add_details()->PackFrom(detail);
  return grpc::Status(to_grpc(error.code), detail.message(), details.SerializeAsString());
}

Error from_status(const grpc::Status& status) {
  v1::StatusDetails details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details()) {
      v1::Error detail;
      Error error{ErrorCode::kInternal, ""};
      Decoder decoder;
      if (!any.UnpackTo(&detail)) continue;
      decode(detail, &error, decoder);
      if (!decoder.failed()) return error;
    }
  }
  return Error{from_grpc(status.error_code()), status.error_message()};
}

}  // namespace kilonova::rpc
