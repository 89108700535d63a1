#include "api-server/front/ec2/refusal.h"

#include "api-server/front/ec2/xml.h"

namespace kilonova::api::ec2 {

Refusal refusal_of(const Error& error, std::string_view not_found) {
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kOutOfRange: return {"InvalidParameterValue", error.message};
    case ErrorCode::kUnauthenticated: return {"AuthFailure", error.message, 401};
    case ErrorCode::kPermissionDenied: return {"UnauthorizedOperation", error.message, 403};
    case ErrorCode::kNotFound: return {std::string(not_found), error.message};
    case ErrorCode::kAlreadyExists: return {"InvalidParameterValue", error.message};
    case ErrorCode::kConflict: return {"IncorrectInstanceState", error.message};
    case ErrorCode::kQuotaExceeded: return {"InstanceLimitExceeded", error.message};
    case ErrorCode::kResourceExhausted: return {"RequestLimitExceeded", error.message, 503};
    case ErrorCode::kNoValidHost: return {"InsufficientInstanceCapacity", error.message, 500};
    case ErrorCode::kUnavailable: return {"Unavailable", error.message, 503};
    case ErrorCode::kDeadlineExceeded:
      return {"InternalError", "no answer came in time, and the outcome is unknown: " + error.message, 500};
    case ErrorCode::kUnimplemented: return {"UnsupportedOperation", error.message};
    case ErrorCode::kDataLoss:
    case ErrorCode::kInternal: break;
  }
  return {"InternalError", error.message, 500};
}

Refusal refusal_of(const openstack::Refusal& refusal, std::string_view not_found, std::string_view conflict) {
  switch (refusal.status) {
    case 400: return {"InvalidParameterValue", refusal.message};
    case 401: return {"AuthFailure", refusal.message, 401};
    case 403: return {"UnauthorizedOperation", refusal.message, 403};
    case 404: return {std::string(not_found), refusal.message};
    case 409:
    case 412: return {std::string(conflict), refusal.message};
    case 413:
    case 429: return {"RequestLimitExceeded", refusal.message, 503};
    case 501: return {"UnsupportedOperation", refusal.message};
    case 503: return {"Unavailable", refusal.message, 503};
    default: return {"InternalError", refusal.message, 500};
  }
}

std::string error_body(const Refusal& refusal, std::string_view request_id) {
  pugi::xml_document document;
  pugi::xml_node response = document.append_child("Response");
  pugi::xml_node error = add(add(response, "Errors"), "Error");
  add(error, "Code", refusal.code);
  add(error, "Message", refusal.message);
  add(response, "RequestID", request_id);
  return to_text(document);
}

}  // namespace kilonova::api::ec2
