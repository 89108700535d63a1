// What a server gives to who has shown nothing: no token, no proof.
#pragma once

#include <grpcpp/support/status.h>

#include <cstddef>
#include <string>

#include "base/source_counts.h"

namespace kilonova {

// Of a message. A password has at most 255 characters.
inline constexpr size_t kMaxStrangersBytes = 16 << 10;
// Calls at once of one service: all strangers', and those from one address.
inline constexpr SourceCounts<std::string>::Limits kStrangersCalls{.all = 256, .of_source = 64};

inline grpc::Status too_many_strangers() {
  return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many calls without a token at once; try again"};
}

}  // namespace kilonova
