// Secrets that come in environment variables.
#pragma once

#include <optional>
#include <string>

namespace kilonova {

// The variable's value, once: it is unset, so that no child gets it, and its bytes are overwritten, as /proc/PID/environ goes on
// showing what a process was started with. Nothing when it is not set. Before the process has other threads.
std::optional<std::string> take_secret_variable(const char* name);

}  // namespace kilonova
