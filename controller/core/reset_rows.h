// What a reset makes of the rows (docs/adr/0027): all goes but the hosts, who the daemons are, and what watchers were
// told; the first rows are there again, with the ids and passwords that they had. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "ports/controller_store.h"

namespace kilonova::controller {

// A reset that begins.
struct CloudReset {
  Uuid id;
  std::string client_token;  // whose repetition is the same reset
  bool operator==(const CloudReset&) const = default;
};

// One that the store refused: the controller has begun again on the rows that were there.
struct FailedReset {
  std::string client_token;
  Error why;
};

// The last one that was committed; a setting.
struct LastReset {
  CloudReset reset;
  bool under_way = true;  // something of before may still be somewhere
};
inline constexpr std::string_view kResetSetting = "reset";

std::string to_text(const LastReset& last);
// Without an id where there was none.
LastReset last_reset_of(std::string_view text);

struct ResetOutcome {
  Transaction rows;
  ControllerState state;  // as it is once they are committed
};

// `state` is all that is stored. Each server's end is an event, so that watchers miss nothing. `token_signing_key`: a new
// one, so that no token of before is good. A cloud that an older kilonova made keeps the ids and passwords of who is
// there under a first name; others are drawn.
ResetOutcome reset_rows(const ControllerState& state, const CloudReset& reset, std::string token_signing_key,
                        Random& random, WallTime now);

// Puts the records of a transaction into a state; it has nothing else but erasures.
void put_rows(const Transaction& rows, ControllerState& state);

}  // namespace kilonova::controller
