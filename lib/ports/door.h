// The door of a daemon: what its core is given to read has come from a role that may send it (domain/messages.h,
// may_send). Who speaks is what the handshake proved (docs/adr/0007-doors.md); what is said is checked here, once for
// each message.
#pragma once

#include <string>

#include "domain/messages.h"
#include "ports/log.h"
#include "ports/transport.h"

namespace kilonova {

// False, and it is logged, for a message that its sender may not send to `self`: a confused or hostile peer, to be
// ignored.
inline bool may_enter(Log& log, const Peer& from, Role self, const Message& message) {
  if (may_send(message, from.id.role, self)) return true;
  log.event(LogLevel::kWarning, "a message was ignored: its sender may not send it here",
            {{"message", std::string(message_name(message))}, {"from", to_string(from.id)}});
  return false;
}

}  // namespace kilonova
