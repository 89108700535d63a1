// What `kilonova sim run --protobuf` does to every message.
#pragma once

#include "domain/messages.h"

namespace kilonova::cli {

// The message as it is after a trip over the wire: to protobuf bytes and back. Aborts when that fails or changes it, for
// that is a field which the converters forget.
Message through_protobuf(Message message);

}  // namespace kilonova::cli
