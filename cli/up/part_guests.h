// Guests lie in the journal of the compute process that carries their host. Which one that is follows from the hosts and
// from how many processes share them; where an `up` changes these, the guests go along.
#pragma once

#include "base/error.h"
#include "cli/up/start.h"

namespace kilonova::up {

// The lock is held and no daemon runs. Moves each guest to the journal of the process that will carry its host; one of a
// host that is left out stays where it is. A guest is written where it goes before it is taken from where it was, so that
// one that a crash left in both is moved again. Errors: those of reading hosts and journals, and of writing; a journal
// says which it is.
// journal/parted says for which numbers the journals are parted, and nothing while they are being parted: whatever ended
// an earlier `up`, the next one parts them anew.
Expected<> part_guests(const UpRun& run);

}  // namespace kilonova::up
