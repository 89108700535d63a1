// Going to the background: the caller goes on as the one that waits, the supervisor as a session of its own.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "base/error.h"

namespace kilonova::up {

// How the background process tells the one that waits: once, that all is well or why not.
using Report = std::function<void(const Expected<>&)>;

// Runs `work` in a new session with standard output and error in `log_file`. Returns in the calling process when `work`
// has reported, with what it said; kUnavailable when it ended without a word.
Expected<> run_detached(const std::string& log_file, const std::function<int(const Report&)>& work);

// The same in a child that stays one, in a process group of its own, and ends with this process: its pid. SIGTERM ends
// it.
Expected<pid_t> run_attached(const std::string& log_file, const std::function<int(const Report&)>& work);

}  // namespace kilonova::up
