// What happens to a cloud from outside, written down line by line (docs/play.md): `kilonova play` does it to a cloud that
// runs, and the simulation in virtual time. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/server_actions.h"
#include "domain/states.h"

namespace kilonova {

struct OutsideEvent {
  enum class What : uint8_t { kDeleteServer, kActOnServer, kResetServer, kHostDown, kHostUp };

  Duration at;      // since the file began to be played
  size_t line = 0;  // of the file, from 1
  What what = What::kDeleteServer;
  std::string name;  // of the server, or the host
  ServerActionKind action = ServerActionKind::kStop;
  VmState state = VmState::kError;  // of kResetServer
  bool operator==(const OutsideEvent&) const = default;
};

// "delete server web-2", as it is written.
std::string to_string(const OutsideEvent& event);

// The events of one line, without a comment; none of an empty one. kInvalidArgument: the word that is wrong, and what would
// be right.
Expected<std::vector<OutsideEvent>> parse_outside_line(std::string_view line, size_t number);

// Those of a file, in the order in which they happen. kInvalidArgument with "FILE:LINE: ..." for each line that is wrong,
// a line each.
Expected<std::vector<OutsideEvent>> parse_outside_events(std::string_view text, std::string_view file_name);

}  // namespace kilonova
