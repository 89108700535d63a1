// What a simulated guest would say of itself, made of its server's row. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "domain/instance.h"
#include "domain/nouns/guest_view.h"
#include "domain/nouns/key_pair.h"

namespace kilonova {

// The console's log of its boot, with the launch's own facts, as CirrOS writes it. `key`: that it was launched with;
// nullptr for none, or one that was deleted since. Its end asks for a log-in.
std::string console_log(const Instance& server, const KeyPair* key);

// The last so many lines; all of them for a negative number.
std::string last_lines(std::string text, int64_t lines);

// The numbers grow with the time since the launch, each at a rate of its own.
ServerDiagnostics diagnostics_of(const Instance& server, bool config_drive, WallTime now);

}  // namespace kilonova
