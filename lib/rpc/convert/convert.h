// Messages between daemons, to and from protobuf. Any thread; no state.
#pragma once

#include "base/error.h"
#include "domain/messages.h"
#include "kilonova/v1/envelope.pb.h"

namespace kilonova::rpc {

// Replaces what the envelope held. Text that is not UTF-8 gets U+FFFD for its bad bytes.
void to_proto(const Message& message, v1::Envelope* envelope);

// Never fails for what to_proto made. Anything else that the domain cannot hold (no body, an unknown enum, an id that has not
// 16 bytes, a number that is too large, lists of more than 256 MiB) is kInvalidArgument and names the field:
// "InstanceReport.steps[3].step: 77 is not a LaunchStep: ...".
Expected<Message> from_proto(const v1::Envelope& envelope);

}  // namespace kilonova::rpc
