// Processes as Linux knows them: started, watched, ended; never confused with a later one of the same number.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace kilonova::up {

struct StartedProcess {
  pid_t pid = 0;
  uint64_t start_ticks = 0;
  int ready_fd = -1;  // reads "ready\n" from the child, or its end
};

// Starts argv[0] with --ready-fd appended, standard error into `error_file` (written anew), and `variables` ("NAME=value")
// added to our environment. The child dies with this process. kUnavailable when it cannot be started.
Expected<StartedProcess> start_process(std::vector<std::string> argv, const std::string& error_file,
                                       std::vector<std::string> variables = {});

// Field 22 of /proc/<pid>/stat; nothing when there is no such process.
std::optional<uint64_t> start_ticks(pid_t pid);
// It lives, and is the one that was started then; a zombie does not live.
bool is_running(pid_t pid, uint64_t ticks);
// It was stopped (kilonova fault freeze) and does nothing.
bool is_frozen(pid_t pid);
// A signal for that process and no later one of its number. False when it is gone, or another user's.
bool signal_process(pid_t pid, uint64_t ticks, int signal);
// Waits until it is gone, at most so long; true when it is. Not only for children.
bool wait_until_gone(pid_t pid, uint64_t ticks, int timeout_ms);
// Resident memory and CPU time used so far; zero for a process that is gone.
struct ProcessUsage {
  uint64_t rss_kb = 0;
  double cpu_seconds = 0;
};
ProcessUsage usage(pid_t pid);

// "exited with 1", "was killed by signal 9 (Killed)".
std::string describe_end(int wait_status);

}  // namespace kilonova::up
