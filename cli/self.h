// This very command once more, as a process of its own, and other programs: how `bundle` and `run` do their work.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/cli.h"

namespace kilonova::cli {

using Environment = std::vector<std::pair<std::string, std::string>>;

// Where this command's program lies, and the daemons' beside it.
std::string program_dir();

// What makes a `kilonova` that is started with it speak with the same cloud, as the same user. The password is in it:
// it is for the environment, which other users cannot see, and not for a command line, which they can.
Environment environment_of(const Globals& globals);

// Starts argv[0] (looked for in PATH) with `more` in its environment; its standard output goes to `output_file` ("" =
// ours), and its standard error to `error_file`. kUnavailable when no process can be made. One that cannot be executed
// ends with 127, or 126 when it is there.
Expected<pid_t> start_program(const std::vector<std::string>& argv, const Environment& more,
                              const std::string& output_file = "", const std::string& error_file = "");
// Waits for it: its exit code, or 128 and the number of the signal that ended it.
int end_of_program(pid_t pid);

}  // namespace kilonova::cli
