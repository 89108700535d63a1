// The one error type of the project: what can go wrong with input, peers, disks and capacity.
// What cannot happen is a KN_CHECK (check.h), never an Error.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace kilonova {

// One code per reaction a caller can have. lib/rpc maps them to gRPC status codes, the HTTP fronts to their own forms.
enum class ErrorCode {
  kInvalidArgument,    // the request is wrong whatever the state; do not retry
  kUnauthenticated,    // no token, or a wrong or expired one
  kPermissionDenied,   // the caller's role does not allow it
  kNotFound,           // nothing of that name in the caller's scope
  kAlreadyExists,      // the name is taken
  kConflict,           // the state forbids it now (Nova: conflictingRequest)
  kQuotaExceeded,      // the project's quota forbids it (Nova: 403)
  kResourceExhausted,  // admission refused: too much unfinished work; retry later
  kUnavailable,        // a daemon or disk is not there; nothing was changed; retry
  kDeadlineExceeded,   // no answer in time: the outcome is unknown
  kNoValidHost,        // no host passes (Nova: NoValidHost)
  kOutOfRange,         // a position that is no longer, or not yet, there
  kDataLoss,           // stored bytes are corrupt
  kUnimplemented,      // the peer does not know this operation
  kInternal,           // a bug, reported instead of crashing where a peer could trigger it
};

std::string_view to_string(ErrorCode code);

struct Error {
  ErrorCode code;
  std::string message;  // for people: names the value and what would be right

  bool operator==(const Error&) const = default;
};

template <class T = void>
using Expected = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace kilonova
