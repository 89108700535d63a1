// What `kilonova sim run --protobuf` does to every message.
#pragma once

#include <string>

#include "domain/api.h"
#include "domain/messages.h"

namespace kilonova::cli {

// The message as it is after a trip over the wire: to protobuf bytes and back. Aborts when that fails or changes it, for
// that is a field which the converters forget.
Message through_protobuf(Message message);

// All that an answer says, with every id as text.
std::string bytes_of(const ApiResponse& response);

}  // namespace kilonova::cli
